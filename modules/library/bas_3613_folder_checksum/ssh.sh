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
if ! sums="$(find . -type f -exec sha256sum {} + 2>/dev/null)"; then
  echo "not every file below $OM_folder can be read" >&2
  exit 1
fi
count="$(printf '%s' "$sums" | grep -c .)"
sum="$(printf '%s\n' "$sums" | sort | sha256sum)"
echo "$count files, sha256 ${sum%% *}"
