#!/bin/sh
set -u
case "$OM_service" in
  '' | -* | *[!A-Za-z0-9@._:-]*) echo "this is not the name of a service" >&2; exit 2 ;;
esac
if systemctl cat -- "$OM_service" >/dev/null 2>&1; then
  state="$(systemctl is-active -- "$OM_service" 2>/dev/null)"
  start="$(systemctl is-enabled -- "$OM_service" 2>/dev/null)"
  echo "$OM_service: ${state:-unknown}, ${start:-unknown}"
elif ls "/etc/init.d/$OM_service" >/dev/null 2>&1; then
  state=inactive
  service "$OM_service" status >/dev/null 2>&1 && state=active
  echo "$OM_service: $state"
else
  echo "service $OM_service does not exist on this server" >&2
  exit 3
fi
if test "$state" != active; then
  echo "$OM_service is not up" >&2
  exit 1
fi
