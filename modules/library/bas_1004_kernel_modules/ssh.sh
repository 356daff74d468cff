#!/bin/sh
set -u
lsmod 2>/dev/null && exit 0
cat /proc/modules 2>/dev/null && exit 0
echo "the kernel modules cannot be read: tried lsmod and /proc/modules" >&2
exit 1
