#!/bin/sh
set -u
client=""
for c in mysql mariadb; do
  command -v "$c" >/dev/null 2>&1 && client="$c" && break
done
if test -z "$client"; then
  echo "there is no mysql client on this server" >&2
  exit 3
fi
query="SELECT p.id, p.user, p.db, p.time, p.state, LEFT(p.info, 200) FROM information_schema.processlist p
  LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
  WHERE t.trx_state = 'LOCK WAIT' OR p.state LIKE 'Waiting for%lock%' OR p.state = 'Locked'
  ORDER BY p.time DESC, p.id LIMIT 200"
if ! rows="$("$client" --batch --skip-column-names --connect-timeout=5 --execute="$query" </dev/null 2>&1)"; then
  echo "the lock waits cannot be read: $rows" >&2
  exit 1
fi
if test -z "$rows"; then
  echo "no statement waits for a lock"
  exit 0
fi
printf 'id\tuser\tdatabase\tseconds\tstate\tstatement\n%s\n' "$rows"
