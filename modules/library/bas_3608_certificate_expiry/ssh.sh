#!/bin/sh
set -u
case "$OM_days" in
  '' | *[!0-9]* | ?????*) echo "the days are not a number" >&2; exit 2 ;;
esac
case "$OM_port" in
  '' | 0* | *[!0-9]* | ??????*) echo "the port is not a number" >&2; exit 2 ;;
esac
case "$OM_host$OM_file" in
  '') echo "neither a host nor a file is given" >&2; exit 2 ;;
esac
case "$OM_host" in
  -* | *[!A-Za-z0-9._:-]*) echo "this is not a host name or address" >&2; exit 2 ;;
esac
if ! command -v openssl >/dev/null 2>&1; then
  echo "openssl is missing on this server" >&2
  exit 3
fi
if test -n "$OM_host"; then
  cert="$(timeout 15 openssl s_client -connect "$OM_host:$OM_port" -servername "$OM_host" </dev/null 2>/dev/null)"
else
  cert="$(cat -- "$OM_file" 2>/dev/null)"
fi
if ! text="$(printf '%s\n' "$cert" | openssl x509 -noout -enddate -issuer 2>/dev/null)"; then
  echo "no certificate can be read there" >&2
  exit 1
fi
printf '%s\n' "$text"
days="$OM_days"
if ! printf '%s\n' "$cert" | openssl x509 -noout -checkend "$((days * 86400))" >/dev/null 2>&1; then
  echo "the certificate ends within $OM_days days" >&2
  exit 1
fi
