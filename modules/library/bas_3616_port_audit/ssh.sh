#!/bin/sh
set -u
case "$OM_allowed" in
  *[!a-z0-9/\ ]* | *[a-z0-9]tcp* | *[a-z0-9]udp*) echo "the list is not of the form tcp/22 udp/53" >&2; exit 2 ;;
esac
if ! command -v ss >/dev/null 2>&1; then
  echo "ss is missing on this server" >&2
  exit 3
fi
if ! out="$(ss -H -lntup 2>/dev/null)"; then
  echo "the open ports cannot be read" >&2
  exit 1
fi
list() {
  while read -r kind state _ _ local _ rest; do
    case "$state:$local" in
      *:127.* | *:\[::1\]:*) continue ;;
      LISTEN:* | UNCONN:*) ;;
      *) continue ;;
    esac
    program="${rest#*\"}"
    test "$program" = "$rest" && program=-
    printf '%s/%s %s\n' "$kind" "${local##*:}" "${program%%\"*}"
  done
}
open="$(printf '%s\n' "$out" | list | sort -u)"
extra="$(printf '%s\n' "$open" | while read -r port program; do
  case " $OM_allowed " in *" $port "*) ;; *) test -n "$port" && echo "extra $port $program" ;; esac
done)"
printf '%s\n' "$OM_allowed" | tr ' ' '\n' | while read -r port; do
  printf '%s\n' "$open" | grep -q "^$port " || test -z "$port" || echo "closed $port -"
done
if test -n "$extra"; then
  printf '%s\n' "$extra"
  echo "ports are open that are not allowed" >&2
  exit 1
fi
echo "same as allowed: $(printf '%s' "$open" | grep -c .) ports"
