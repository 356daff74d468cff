#!/bin/sh
set -u
case "$OM_host" in
  '' | -* | *[!A-Za-z0-9._:-]*) echo "this is not a host name or address" >&2; exit 2 ;;
esac
case "$OM_port" in
  '' | 0* | *[!0-9]* | ??????*) echo "the port is not a number" >&2; exit 2 ;;
esac
now() {
  t="$(date +%s%N)"
  case "$t" in *[!0-9]*) date +%s000000000 ;; *) echo "$t" ;; esac
}
if ! command -v bash >/dev/null 2>&1; then
  echo "bash is missing on this server" >&2
  exit 3
fi
start="$(now)"
# The constant text is the program; host and port are its arguments.
if ! timeout 10 bash -c ': <"/dev/tcp/$1/$2"' tcp "$OM_host" "$OM_port" 2>/dev/null; then
  echo "$OM_host port $OM_port cannot be reached" >&2
  exit 1
fi
end="$(now)"
echo "$OM_host port $OM_port is open, $(((end - start) / 1000000)) ms"
