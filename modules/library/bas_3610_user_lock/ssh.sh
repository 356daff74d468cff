#!/bin/sh
set -u
case "$OM_user" in
  '' | -* | *[!A-Za-z0-9._-]*) echo "this is not the name of a user" >&2; exit 2 ;;
esac
case "$OM_action" in
  lock | unlock) ;;
  *) echo "this action is not in the list" >&2; exit 2 ;;
esac
uid="$(id -u "$OM_user" 2>/dev/null)"
if test -z "$uid"; then
  echo "user $OM_user does not exist on this server" >&2
  exit 3
fi
if test "$uid" = 0 || test "$uid" = "$(id -u)"; then
  echo "root and the login user are never locked" >&2
  exit 2
fi
entry="$(getent shadow "$OM_user" 2>/dev/null)"
case "$entry" in
  *:!*:*:*:*:*:*:1:*) state=lock ;;
  *) state=unlock ;;
esac
if test -n "$entry" && test "$state" = "$OM_action"; then
  echo "$OM_user: nothing to do"
  exit 0
fi
case "$OM_action" in
  lock) usermod -L -e 1 "$OM_user" ;;
  unlock) usermod -e '' "$OM_user" && usermod -U "$OM_user" ;;
esac >&2 || { echo "$OM_user was not changed to $OM_action" >&2; exit 1; }
echo "$OM_user: $OM_action done"
exit 10
