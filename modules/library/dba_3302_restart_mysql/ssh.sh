#!/bin/sh
set -u
name=""
for n in mysqld mysql mariadb; do
  if systemctl cat "$n" >/dev/null 2>&1; then
    name="$n"
    systemctl restart "$n" || { echo "$n did not restart" >&2; exit 1; }
  elif ls "/etc/init.d/$n" >/dev/null 2>&1; then
    name="$n"
    service "$n" restart >/dev/null || { echo "$n did not restart" >&2; exit 1; }
  fi
  test -n "$name" && break
done
if test -z "$name"; then
  echo "there is no MySQL or MariaDB service on this server" >&2
  exit 3
fi
up() {
  for tool in mysqladmin mariadb-admin; do
    command -v "$tool" >/dev/null 2>&1 && { "$tool" --connect-timeout=5 ping >/dev/null 2>&1; return "$?"; }
  done
  systemctl is-active "$name" >/dev/null 2>&1 || service "$name" status >/dev/null 2>&1
}
tries=0
until up; do
  tries=$((tries + 1))
  if test "$tries" -ge 30; then
    echo "$name was restarted and does not answer" >&2
    exit 1
  fi
  sleep 1
done
echo "$name was restarted and answers"
