#!/bin/sh
set -u
case "$OM_package" in
  '' | -* | *- | *[!A-Za-z0-9+._-]*) echo "this is not the name of a package" >&2; exit 2 ;;
esac
installed() {
  if command -v dpkg-query >/dev/null 2>&1; then
    test "$(dpkg-query -W -f '${db:Status-Status}' "$OM_package" 2>/dev/null)" = installed
  elif command -v rpm >/dev/null 2>&1; then
    rpm -q -- "$OM_package" >/dev/null 2>&1
  else
    apk info -e -- "$OM_package" >/dev/null 2>&1
  fi
}
if installed; then
  echo "$OM_package is already installed"
  exit 0
fi
for tool in apt-get dnf yum zypper apk none; do
  command -v "$tool" >/dev/null 2>&1 && break
done
install() {
  case "$tool" in
    # apt takes what is no package for a regular expression: it must be one.
    apt-get) apt-cache show -- "$OM_package" && DEBIAN_FRONTEND=noninteractive apt-get -q -y install -- "$OM_package" ;;
    dnf | yum) "$tool" -q -y install -- "$OM_package" ;;
    zypper) zypper --quiet --non-interactive install -- "$OM_package" ;;
    apk) apk add --quiet -- "$OM_package" ;;
    none) echo "no package tool: tried apt-get, dnf, yum, zypper and apk" ;;
  esac 2>&1 </dev/null
}
said="$(install)"
if ! installed; then
  printf '%s\n' "$said" "$OM_package was not installed" >&2
  exit 1
fi
echo "$OM_package was installed"
exit 10
