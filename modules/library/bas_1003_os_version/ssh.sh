#!/bin/sh
set -u
name="$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null)"
name="${name#\"}"
name="${name%\"}"
if test -z "$name"; then
  name="$(head -n 1 /etc/issue 2>/dev/null)"
fi
kernel="$(uname -r 2>/dev/null)"
if test -z "$name$kernel"; then
  echo "the OS version cannot be read: tried /etc/os-release, /etc/issue and uname" >&2
  exit 1
fi
printf '%s\n' "${name:-unknown system}" "kernel ${kernel:-unknown}"
