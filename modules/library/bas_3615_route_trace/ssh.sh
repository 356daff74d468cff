#!/bin/sh
set -u
case "$OM_host" in
  '' | -* | *[!A-Za-z0-9._:-]*) echo "this is not a host name or address" >&2; exit 2 ;;
esac
if command -v traceroute >/dev/null 2>&1; then
  out="$(traceroute -n -q 1 -w 2 -m 20 "$OM_host" 2>/dev/null)"
elif command -v tracepath >/dev/null 2>&1; then
  out="$(tracepath -n -m 20 "$OM_host" 2>/dev/null)"
elif command -v mtr >/dev/null 2>&1; then
  out="$(mtr -n -r -c 1 "$OM_host" 2>/dev/null)"
else
  echo "no tool: tried traceroute, tracepath and mtr" >&2
  exit 3
fi
if test -z "$out"; then
  echo "$OM_host cannot be traced" >&2
  exit 1
fi
printf '%s\n' "$out"
