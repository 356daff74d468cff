#!/bin/sh
set -u
case "$OM_sort" in
  cpu) key=-pcpu ;;
  memory) key=-rss ;;
  *) echo "this order is not in the list" >&2; exit 2 ;;
esac
if ! list="$(ps -e -o pcpu= -o pmem= -o rss= -o user= -o pid= -o comm= --sort="$key" 2>/dev/null)"; then
  echo "the processes cannot be listed: ps is missing or too old" >&2
  exit 1
fi
echo "CPU% MEM% RSS-KiB USER PID COMMAND"
printf '%s\n' "$list" | head -n "$OM_count"
