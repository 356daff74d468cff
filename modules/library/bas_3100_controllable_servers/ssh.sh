#!/bin/sh
set -u
system="$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null)"
system="${system#\"}"
read -r up _ 2>/dev/null </proc/uptime || up=0
printf '%s %s %s %s %s\n' "$(uname -n)" "$(id -un)" "${up%%.*}" "$(uname -r)" "${system%\"}"
