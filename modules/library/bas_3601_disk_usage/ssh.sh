#!/bin/sh
set -u
case "$OM_percent" in
  '' | *[!0-9]* | ????*) echo "the limit is not a number" >&2; exit 2 ;;
esac
full() {
  while read -r source _ _ _ percent mount; do
    percent="${percent%\%}"
    case "$source:$percent" in *:*[!0-9]* | *: | tmpfs:* | devtmpfs:*) continue ;; esac
    test "$percent" -ge "$OM_percent" && printf '%s: %s%% of %s\n' "$mount" "$percent" "$1"
  done
  :
}
space="$(df -P -l 2>/dev/null || df -P 2>/dev/null)"
if test -z "$space"; then
  echo "the file systems cannot be read: df is missing" >&2
  exit 1
fi
list="$({ printf '%s\n' "$space" | full space; df -P -l -i 2>/dev/null | full inodes; } | sort)"
printf '%s\n' "${list:-no file system is filled to $OM_percent% or more}"
