#!/bin/sh
set -u
case "$OM_folder" in
  /*) ;;
  *) echo "the folder does not begin with /" >&2; exit 2 ;;
esac
if ! test -d "$OM_folder"; then
  echo "the folder $OM_folder does not exist" >&2
  exit 1
fi
if command -v clamdscan >/dev/null 2>&1 && clamdscan --ping 1 >/dev/null 2>&1; then
  out="$(clamdscan --fdpass --multiscan --infected --no-summary -- "$OM_folder" 2>&1)"
elif command -v clamscan >/dev/null 2>&1; then
  out="$(clamscan --recursive --infected --no-summary -- "$OM_folder" 2>&1)"
else
  echo "no scanner: tried clamdscan and clamscan" >&2
  exit 3
fi
case "$?" in
  0) echo "$OM_folder is clean" ;;
  1)
    printf '%s\n' "$out"
    echo "something was found in $OM_folder" >&2
    exit 1
    ;;
  *)
    printf '%s\n' "the scan of $OM_folder did not come to its end: $out" | head -n 1 >&2
    exit 4
    ;;
esac
