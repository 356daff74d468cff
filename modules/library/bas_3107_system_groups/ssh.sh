#!/bin/sh
set -u
groups="$(getent group 2>/dev/null || cat /etc/group 2>/dev/null)"
if test -z "$groups"; then
  echo "the groups cannot be read: tried getent and /etc/group" >&2
  exit 1
fi
printf '%s\n' "$groups" | while IFS=: read -r name _ gid members; do
  case "$members" in
    *,*) members="$(printf '%s\n' "$members" | tr ',' '\n' | sort | tr '\n' ' ')" ;;
  esac
  printf '%s gid=%s %s\n' "$name" "$gid" "${members% }"
done | sort
