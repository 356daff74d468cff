#!/bin/sh
set -u
users="$(getent passwd 2>/dev/null || cat /etc/passwd 2>/dev/null)"
if test -z "$users"; then
  echo "the users cannot be read: tried getent and /etc/passwd" >&2
  exit 1
fi
printf '%s\n' "$users" | while IFS=: read -r name _ uid gid _ home shell; do
  printf '%s uid=%s gid=%s %s %s\n' "$name" "$uid" "$gid" "$home" "$shell"
done | sort
