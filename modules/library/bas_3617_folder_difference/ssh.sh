#!/bin/sh
set -u
case "$OM_folder" in
  /*) ;;
  *) echo "the folder does not begin with /" >&2; exit 2 ;;
esac
if ! cd "$OM_folder" 2>/dev/null; then
  echo "the folder $OM_folder cannot be opened" >&2
  exit 1
fi
if ! command -v sha256sum >/dev/null 2>&1; then
  echo "sha256sum is missing on this server" >&2
  exit 3
fi
if ! here="$(find . -type f -exec sha256sum {} + 2>/dev/null)"; then
  echo "not every file below $OM_folder can be read" >&2
  exit 1
fi
here="$(printf '%s\n' "$here" | sort -k 2)"
if test -z "$OM_reference"; then
  printf '%s\n' "$here"
  exit 0
fi
umask 077
if ! dir="$(mktemp -d)"; then
  echo "no temporary folder can be made" >&2
  exit 126
fi
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' HUP INT TERM
sed -n 's,^.*"reference":"\([A-Za-z0-9+/=]*\)".*$,\1,p' | base64 -d | tr -d '\r' >"$dir/there"
sum="$(sha256sum <"$dir/there")"
printf '%s\n' "$here" >"$dir/here"
if test "${sum%% *}" != "$OM_reference_sha256" && ! test -s "$dir/there"; then
  echo "the reference did not arrive whole" >&2
  exit 1
fi
grep -Fxv -f "$dir/there" "$dir/here" | sed 's/^\([0-9a-f]*\)  /here      /'
grep -Fxv -f "$dir/here" "$dir/there" | sed 's/^\([0-9a-f]*\)  /reference /'
cmp -s "$dir/here" "$dir/there" && echo "no difference" && exit 0
echo "the folders differ" >&2
exit 1
