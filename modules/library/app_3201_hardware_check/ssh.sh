#!/bin/sh
set -u
bad=""
model="$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)"
printf 'processor: %s x %s\n' "$(nproc 2>/dev/null || echo '?')" "${model:-$(uname -m)}"
kilobytes="$(sed -n 's/^MemTotal:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/meminfo 2>/dev/null)"
printf 'memory: %s GiB\n' "$(((${kilobytes:-0} + 524288) / 1048576))"
for dir in /sys/block/*; do
  disk="${dir##*/}"
  case "$disk" in loop* | ram* | zram* | sr* | fd* | dm-* | md* | '*') continue ;; esac
  sectors="$(cat "$dir/size" 2>/dev/null)"
  printf 'disk %s: %s GiB' "$disk" "$((${sectors:-0} / 2097152))"
  if command -v smartctl >/dev/null 2>&1; then
    health="$(smartctl -H "/dev/$disk" 2>/dev/null | sed -n 's/^.*[Hh]ealth.*: *//p')"
    printf ', SMART %s' "${health:-unknown}"
    case "$health" in FAIL*) bad="$bad disk $disk fails SMART;" ;; esac
  fi
  printf '\n'
done
if grep '^md' /proc/mdstat 2>/dev/null; then
  grep -q '\[[U_]*_[U_]*\]' /proc/mdstat && bad="$bad a raid is degraded;"
fi
hottest=0
for file in /sys/class/thermal/thermal_zone*/temp /sys/class/hwmon/hwmon*/temp*_input; do
  value="$(cat "$file" 2>/dev/null)"
  case "$value" in '' | *[!0-9]*) continue ;; esac
  test "$value" -gt "$hottest" && hottest="$value"
done
test "$hottest" -gt 0 && printf 'temperature: %s0 to %s9 C\n' "$((hottest / 10000))" "$((hottest / 10000))"
test "$hottest" -ge 90000 && bad="$bad it is too hot;"
if test -n "$bad"; then
  echo "bad:${bad%;}" >&2
  exit 1
fi
exit 0
