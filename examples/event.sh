#!/bin/sh
# Posts a CloudEvent in binary mode; every workflow that subscribes to its type starts. Usage: examples/event.sh ID TEXT
set -eu
server=${SERVER:-http://127.0.0.1:8080}

# A text as a JSON string: quotes and backslashes are escaped, line ends and tabs become spaces.
json() {
    printf '"%s"' "$(printf '%s' "$1" | tr '\n\r\t' '   ' | sed 's/[\\"]/\\&/g')"
}

id=${1:-example-1}
name=$(json "$id.txt")
text=$(json "${2:-Dear Ms Miller, thank you for your letter of Monday. Yours sincerely, A. Smith}")
curl -sS "$server/" \
    -H 'Ce-Specversion: 1.0' -H 'Ce-Type: dev.sluice.document.received.v1' \
    -H 'Ce-Source: /examples' -H "Ce-Id: $id" -H 'Content-Type: application/json' \
    -d "{\"document\": {\"name\": $name, \"text\": $text}}"
echo
