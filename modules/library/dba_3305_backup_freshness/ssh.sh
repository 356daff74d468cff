#!/bin/sh
set -u
case "$OM_folder" in
  /*) ;;
  *) echo "the folder does not begin with /" >&2; exit 2 ;;
esac
case "$OM_hours" in
  '' | 0* | *[!0-9]* | ?????*) echo "the hours are not a number from 1 to 9999" >&2; exit 2 ;;
esac
if ! test -d "$OM_folder"; then
  echo "the folder $OM_folder does not exist" >&2
  exit 1
fi
hours="$OM_hours"
if ! fresh="$(find "$OM_folder" -type f -size +0 -mmin "-$((hours * 60))" 2>/dev/null)"; then
  echo "the folder $OM_folder cannot be read to its end" >&2
  exit 1
fi
if test -z "$fresh"; then
  echo "no file below $OM_folder is younger than $OM_hours hours" >&2
  exit 1
fi
printf '%s\n' "$fresh" | sort
