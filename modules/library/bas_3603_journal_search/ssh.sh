#!/bin/sh
set -u
case "$OM_hours" in
  '' | *[!0-9]*) echo "the hours are not a number" >&2; exit 2 ;;
esac
case "$OM_lines" in
  '' | *[!0-9]*) echo "the lines are not a number" >&2; exit 2 ;;
esac
search() {
  found="$(grep -F -e "$OM_text" | tail -n "$OM_lines")"
  printf '%s\n' "${found:-no line holds this text}"
}
if journalctl --no-pager -q -n 1 2>/dev/null | grep -q .; then
  journalctl --no-pager -q --since="-${OM_hours}h" 2>/dev/null | search
  exit 0
fi
for file in /var/log/messages /var/log/syslog; do
  if test -r "$file"; then
    search <"$file"
    exit 0
  fi
done
echo "no system log can be read: tried the journal, /var/log/messages and /var/log/syslog" >&2
exit 1
