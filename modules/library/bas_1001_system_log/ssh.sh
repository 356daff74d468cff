#!/bin/sh
set -u
tail -n "$OM_lines" /var/log/messages 2>/dev/null && exit 0
tail -n "$OM_lines" /var/log/syslog 2>/dev/null && exit 0
journalctl --no-pager -q -n "$OM_lines" 2>/dev/null && exit 0
echo "no system log can be read: tried /var/log/messages, /var/log/syslog and the journal" >&2
exit 1
