#!/bin/sh
set -u
if ! command -v sysctl >/dev/null 2>&1; then
  echo "sysctl is missing on this server" >&2
  exit 3
fi
found="$(sysctl -a 2>/dev/null | grep -F -e "$OM_filter" | sort)"
if test -z "$found"; then
  echo "no kernel parameter holds this text" >&2
  exit 1
fi
printf '%s\n' "$found"
