#!/bin/sh
set -u
case "$OM_host" in
  '' | -* | *[!A-Za-z0-9._:-]*) echo "this is not a host name or address" >&2; exit 2 ;;
esac
now() {
  t="$(date +%s%N)"
  case "$t" in *[!0-9]*) date +%s000000000 ;; *) echo "$t" ;; esac
}
if ! command -v getent >/dev/null 2>&1; then
  echo "getent is missing on this server" >&2
  exit 3
fi
start="$(now)"
out="$(getent ahosts "$OM_host" 2>/dev/null)"
end="$(now)"
if test -z "$out"; then
  echo "$OM_host cannot be resolved" >&2
  exit 1
fi
printf '%s\n' "$out" | cut -d ' ' -f 1 | sort -u
echo "$(((end - start) / 1000000)) ms"
