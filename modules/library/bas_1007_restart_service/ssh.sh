#!/bin/sh
set -u
case "$OM_service" in
  resin | nginx | haproxy | lighttpd) names="$OM_service" ;;
  apache) names="apache2 httpd apache" ;;
  mysql) names="mysql mysqld mariadb" ;;
  *) echo "this service is not in the list" >&2; exit 2 ;;
esac
for name in $names; do
  if systemctl cat "$name" >/dev/null 2>&1; then
    systemctl restart "$name" || { echo "$name did not restart" >&2; exit 1; }
    systemctl is-active "$name" >/dev/null || { echo "$name is not up after the restart" >&2; exit 1; }
    echo "$name was restarted and is up"
    exit 0
  fi
  if ls "/etc/init.d/$name" >/dev/null 2>&1; then
    service "$name" restart || { echo "$name did not restart" >&2; exit 1; }
    service "$name" status >/dev/null || { echo "$name is not up after the restart" >&2; exit 1; }
    echo "$name was restarted and is up"
    exit 0
  fi
done
echo "service $OM_service does not exist on this server" >&2
exit 3
