#!/bin/sh
# Starts a run by JSON, with a key that makes it repeatable, and waits for its end. Usage: examples/start.sh NAME TEXT
set -eu
server=${SERVER:-http://127.0.0.1:8080}

# A text as a JSON string: quotes and backslashes are escaped, line ends and tabs become spaces.
json() {
    printf '"%s"' "$(printf '%s' "$1" | tr '\n\r\t' '   ' | sed 's/[\\"]/\\&/g')"
}

name=$(json "${1:-note.txt}")
text=$(json "${2:-Invoice 12. Total amount due: 5.00 EUR. Please pay within thirty days.}")
key=$(printf '%s %s' "$name" "$text" | cksum | tr ' ' '-')
answer=$(curl -sS -i \
    -H 'Content-Type: application/json' -H "Idempotency-Key: example-$key" \
    -d "{\"document\": {\"name\": $name, \"text\": $text}}" \
    "$server/v1/workflows/document-analysis/runs" | tr -d '\r')
location=$(printf '%s\n' "$answer" | sed -n 's/^[Ll]ocation: //p')
[ -n "$location" ] || { printf 'not accepted:\n%s\n' "$answer" >&2; exit 1; }
# At most 60 times a second apart: the offline model answers within one.
for _ in $(seq 60); do
    run=$(curl -sS "$location")
    case $run in
        *'"status":"queued"'* | *'"status":"running"'* | *'"status":"waiting"'*) sleep 1 ;;
        *) echo "$run"; exit 0 ;;
    esac
done
echo "not finished after a minute: $location" >&2
exit 1
