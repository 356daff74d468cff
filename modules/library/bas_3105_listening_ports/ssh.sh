#!/bin/sh
set -u
if command -v ss >/dev/null 2>&1; then
  out="$(ss -lntup 2>/dev/null)"
elif command -v netstat >/dev/null 2>&1; then
  out="$(netstat -lntup 2>/dev/null)"
else
  out="$(cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null)"
fi
list() {
  while read -r first second _ fourth fifth rest; do
    case "$first" in
      tcp* | udp*)
        case "$second" in
          LISTEN | UNCONN) local="$fifth" program="${rest#*\"}" program="${program%%\"*}" ;; # ss
          *) local="$fourth" program="${rest#*/}" ;;                                         # netstat
        esac
        test "$program" = "$rest" && program=-
        program="${program%% *}"
        printf '%s %s %s\n' "${first%6}" "$local" "${program%:}"
        ;;
      [0-9]*:)
        case "$fourth" in
          0A) printf 'tcp port %d\n' "0x${second##*:}" ;;
          07) printf 'udp port %d\n' "0x${second##*:}" ;;
        esac
        ;;
    esac
  done
}
if test -z "$out"; then
  echo "the open ports cannot be read: tried ss, netstat and /proc/net" >&2
  exit 1
fi
printf '%s\n' "$out" | list | sort -u
