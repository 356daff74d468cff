#!/bin/sh
set -u
case "$OM_seconds" in
  '' | *[!0-9]*) echo "the seconds are not a number" >&2; exit 2 ;;
esac
client=""
for c in mysql mariadb; do
  command -v "$c" >/dev/null 2>&1 && client="$c" && break
done
if test -z "$client"; then
  echo "there is no mysql client on this server" >&2
  exit 3
fi
query="SELECT id, user, db, time, LEFT(info, 200) FROM information_schema.processlist
  WHERE time >= $OM_seconds AND info REGEXP '^[[:space:]]*(insert|update|delete|replace|load|alter|create|drop|truncate|rename|optimize)[[:space:]]'
  ORDER BY time DESC, id LIMIT 200"
if ! rows="$("$client" --batch --skip-column-names --connect-timeout=5 --execute="$query" </dev/null 2>&1)"; then
  echo "the statements cannot be read: $rows" >&2
  exit 1
fi
if test -z "$rows"; then
  echo "no write statement runs"
  exit 0
fi
printf 'id\tuser\tdatabase\tseconds\tstatement\n%s\n' "$rows"
