#!/bin/sh
set -u
case "$OM_app" in
  nginx) files="/etc/nginx/nginx.conf /usr/local/nginx/conf/nginx.conf" ;;
  nginx_config) files="/etc/nginx/conf.d/default.conf /etc/nginx/sites-enabled/default" ;;
  haproxy) files="/etc/haproxy/haproxy.cfg /usr/local/haproxy/haproxy.cfg" ;;
  syslog) files="/etc/rsyslog.conf /etc/syslog-ng/syslog-ng.conf /etc/syslog.conf" ;;
  sysctl) files="/etc/sysctl.conf /etc/sysctl.d/99-sysctl.conf" ;;
  resin) files="/etc/resin/resin.xml /usr/local/resin/conf/resin.xml /usr/local/resin/conf/resin.conf" ;;
  resinhttpd) files="/usr/local/resin/bin/httpd.sh /usr/local/resin/bin/resin.sh" ;;
  *) echo "this application is not in the list" >&2; exit 2 ;;
esac
for file in $files; do
  cat "$file" 2>/dev/null && exit 0
done
echo "no configuration of $OM_app can be read: tried $files" >&2
exit 1
