#!/bin/sh
set -u
first() {
  while read -r name _; do
    printf '%s\n' "$name"
  done | grep -E '^[A-Za-z0-9]' | sort -u
}
if command -v apt-get >/dev/null 2>&1; then
  out="$(apt-get -q -s -o Debug::NoLocking=1 dist-upgrade 2>/dev/null)" || out="?"
  list="$(printf '%s\n' "$out" | sed -n 's/^Inst //p' | first)"
elif command -v dnf >/dev/null 2>&1 || command -v yum >/dev/null 2>&1; then
  tool=dnf
  command -v dnf >/dev/null 2>&1 || tool=yum
  out="$("$tool" -q check-update 2>/dev/null)"
  case "$?" in 0 | 100) ;; *) out="?" ;; esac
  list="$(printf '%s\n' "$out" | sed '/^Obsoleting/,$d' | grep -F . | first)"
elif command -v zypper >/dev/null 2>&1; then
  out="$(zypper --quiet --non-interactive list-updates 2>/dev/null)" || out="?"
  list="$(printf '%s\n' "$out" | sed -n 's/^v *|[^|]*| *//p' | first)"
elif command -v apk >/dev/null 2>&1; then
  out="$(apk version -l '<' 2>/dev/null)" || out="?"
  list="$(printf '%s\n' "$out" | grep '<' | first)"
else
  echo "no package tool: tried apt-get, dnf, yum, zypper and apk" >&2
  exit 3
fi
if test "$out" = "?"; then
  echo "the package tool could not list the updates" >&2
  exit 1
fi
printf '%s\n' "${list:-no update is waiting}"
