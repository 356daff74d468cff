#!/bin/sh
set -u
case "$OM_host" in
  '' | -* | *[!A-Za-z0-9._:-]*) echo "this is not a host name or address" >&2; exit 2 ;;
esac
case "$OM_count" in
  '' | *[!0-9]*) echo "the count is not a number" >&2; exit 2 ;;
esac
if ! command -v ping >/dev/null 2>&1; then
  echo "ping is missing on this server" >&2
  exit 3
fi
if ! out="$(ping -n -q -c "$OM_count" -W 2 -- "$OM_host" 2>/dev/null)"; then
  echo "$OM_host does not answer" >&2
  exit 1
fi
printf '%s\n' "$out" | grep -E 'packets|min/avg/max'
