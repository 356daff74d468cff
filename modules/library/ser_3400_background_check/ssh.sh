#!/bin/sh
set -u
if test -z "$OM_process"; then
  echo "the text is empty" >&2
  exit 2
fi
if ! list="$(ps -e -o pid= -o args= 2>/dev/null || ps -o pid,args 2>/dev/null)"; then
  echo "the processes cannot be listed: ps is missing" >&2
  exit 1
fi
count() {
  n=0
  while read -r pid args; do
    case "$args" in
      *"$OM_process"*) test "$pid" = "$$" || n=$((n + 1)) ;;
    esac
  done
  echo "$n"
}
running="$(printf '%s\n' "$list" | count)"
if test "$running" = 0; then
  echo "no process runs with this text in its command line" >&2
  exit 1
fi
echo "$running running"
