#!/bin/sh
# Uploads one or many documents; each becomes a run. Usage: examples/upload.sh FILE...
set -eu
server=${SERVER:-http://127.0.0.1:8080}
[ $# -gt 0 ] || { echo "usage: $0 FILE..." >&2; exit 2; }
for file in "$@"; do
    set -- "$@" -F "file=@$file"
    shift
done
exec curl -sS "$@" "$server/v1/workflows/document-analysis/runs"
