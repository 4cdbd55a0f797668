#!/bin/sh
# Posts a CloudEvent in binary mode; every workflow that subscribes to its type starts. Usage: examples/event.sh ID TEXT
set -eu
server=${SERVER:-http://127.0.0.1:8080}
id=${1:-example-1}
text=${2:-Dear Ms Miller, thank you for your letter of Monday. Yours sincerely, A. Smith}
exec curl -sS "$server/" \
    -H 'Ce-Specversion: 1.0' -H 'Ce-Type: dev.sluice.document.received.v1' \
    -H 'Ce-Source: /examples' -H "Ce-Id: $id" -H 'Content-Type: application/json' \
    -d "{\"document\": {\"name\": \"$id.txt\", \"text\": \"$text\"}}"
