#!/bin/sh
set -u
if ! users="$(who 2>/dev/null)"; then
  echo "the logged-in users cannot be read: who is missing" >&2
  exit 1
fi
if test -z "$users"; then
  echo "nobody is logged in"
  exit 0
fi
printf '%s\n' "$users" | sort
