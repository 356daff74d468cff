#!/bin/sh
set -u
case "$OM_interpreter" in
  sh | bash | python3) ;;
  *) echo "this interpreter is not in the list" >&2; exit 2 ;;
esac
if ! command -v "$OM_interpreter" >/dev/null 2>&1; then
  echo "$OM_interpreter is missing on this server" >&2
  exit 127
fi
umask 077
if ! file="$(mktemp)"; then
  echo "no temporary file can be made" >&2
  exit 126
fi
trap 'rm -f "$file"' EXIT
trap 'exit 143' HUP INT TERM
printf '%s\n' "$OM_script" >"$file"
"$OM_interpreter" "$file" </dev/null
