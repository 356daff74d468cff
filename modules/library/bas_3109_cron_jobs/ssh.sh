#!/bin/sh
set -u
entries() {
  grep -Ev '^[[:space:]]*(#|$)' "$1" 2>/dev/null | while IFS= read -r line; do
    printf '%s: %s\n' "$1" "$line"
  done
}
for file in /etc/crontab /etc/anacrontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/*; do
  test -f "$file" && entries "$file"
done
for file in /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/*; do
  test -f "$file" && test -x "$file" && printf '%s\n' "$file"
done
systemctl list-unit-files --type=timer --no-legend --no-pager 2>/dev/null | sort | while read -r timer state _; do
  test -n "$state" && printf 'timer %s: %s\n' "$timer" "$state"
done
if test "$(id -u)" != 0; then
  crontab -l 2>/dev/null | grep -Ev '^[[:space:]]*(#|$)' | while IFS= read -r line; do
    printf 'own crontab: %s\n' "$line"
  done
  echo "(crontabs of other users are shown to root only)"
fi
exit 0
