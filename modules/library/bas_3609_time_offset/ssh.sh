#!/bin/sh
set -u
if out="$(chronyc -n tracking 2>/dev/null)"; then
  offset="$(printf '%s\n' "$out" | sed -n 's/^System time *: *//p')"
  state="$(printf '%s\n' "$out" | sed -n 's/^Leap status *: *//p')"
  echo "chrony: ${offset:-offset unknown}"
  test "$state" = Normal && exit 0
  echo "the clock is not synchronised: ${state:-no state}" >&2
  exit 1
fi
if out="$(ntpq -pn 2>/dev/null)"; then
  peer="$(printf '%s\n' "$out" | grep '^\*')"
  printf 'ntpd: %s\n' "${peer:-no peer is chosen}"
  test -n "$peer" && exit 0
  echo "the clock is not synchronised" >&2
  exit 1
fi
out="$(timedatectl 2>/dev/null | sed -n 's/^.*synchronized: *//p')"
case "$out" in
  yes*) echo "systemd: synchronised"; exit 0 ;;
  no*) echo "the clock is not synchronised" >&2; exit 1 ;;
esac
echo "the time offset cannot be read: tried chronyc, ntpq and timedatectl" >&2
exit 3
