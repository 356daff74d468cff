#!/bin/sh
set -u
case "$OM_url" in
  *[!A-Za-z0-9._~/?\&=%+,:@\;-]*) echo "this is not a web address" >&2; exit 2 ;;
  http://* | https://*) ;;
  *) echo "the address does not begin with http:// or https://" >&2; exit 2 ;;
esac
if ! command -v curl >/dev/null 2>&1; then
  echo "curl is missing on this server" >&2
  exit 3
fi
format='status %{http_code}, name %{time_namelookup} s, connection %{time_connect} s, total %{time_total} s, %{size_download} bytes\n'
if ! out="$(curl -q -g -s -o /dev/null -m 20 -w "$format" --url "$OM_url" 2>/dev/null)"; then
  echo "$OM_url does not answer" >&2
  exit 1
fi
printf '%s\n' "$out"
case "$out" in
  'status 1'* | 'status 2'* | 'status 3'*) ;;
  *) echo "$OM_url answers with an error" >&2; exit 1 ;;
esac
