#!/bin/sh
# Uploads one or many documents; each becomes a run. Usage: examples/upload.sh FILE...
set -eu
server=${SERVER:-http://127.0.0.1:8080}
[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }
for file in "$@"; do
    # In quotes, because curl takes a comma or a semicolon in a name for its own.
    set -- "$@" -F "file=@\"$(printf '%s' "$file" | sed 's/[\\"]/\\&/g')\""
    shift
done
curl -sS "$@" "$server/v1/workflows/document-analysis/runs"
echo
