#!/bin/sh
set -u
file="$OM_destination"
case "$OM_destination" in
  */ | */. | */..) echo "the destination is a folder" >&2; exit 2 ;;
  /*) ;;
  *) echo "the destination does not begin with /" >&2; exit 2 ;;
esac
case "$OM_action:$OM_follow" in
  write:none | check:none | roll_back:none) ;;
  *:nginx | *:haproxy | *:syslog | *:sysctl | *:resin | *:httpd)
    case "$OM_action" in write | check | roll_back) ;; *) echo "this action is not in the list" >&2; exit 2 ;; esac ;;
  *) echo "this action or follow-up is not in the list" >&2; exit 2 ;;
esac
stop() {
  echo "$1" >&2
  exit 1
}
follow() {
  case "$OM_follow" in
    none) ;;
    nginx) nginx -t && systemctl reload nginx ;;
    haproxy) haproxy -c -f "$file" && systemctl reload haproxy ;;
    httpd) apachectl configtest && apachectl graceful ;;
    syslog) systemctl restart rsyslog ;;
    sysctl) sysctl -q -p "$file" ;;
    resin) service resin restart ;;
  esac 2>&1 </dev/null
}
test -d "$file" && stop "$file is a folder"
test -d "${file%/*}/" || stop "the folder ${file%/*}/ does not exist"
if test "$OM_action" = roll_back; then
  test -f "$file.om-old" || stop "there is no earlier $file"
  mv -f "$file.om-old" "$file" || stop "the earlier $file cannot be put back"
  said="$(follow)" || stop "the earlier $file is back, but the follow-up failed: $said"
  echo "the earlier $file is back"
  exit 10
fi
new="$(mktemp "$file.om-XXXXXX" 2>/dev/null)" || stop "no file can be made beside $file"
trap 'rm -f "$new"' EXIT
trap 'exit 143' HUP INT TERM
test -f "$file" && cp -p "$file" "$new"
sed -n 's,^.*"source":"\([A-Za-z0-9+/=]*\)".*$,\1,p' | base64 -d >"$new" || stop "the file did not arrive whole"
sum="$(sha256sum <"$new")"
test "${sum%% *}" = "$OM_source_sha256" || stop "the file did not arrive whole: its checksum is wrong"
if cmp -s "$new" "$file" 2>/dev/null; then
  echo "$file is the same already"
  exit 0
fi
if test "$OM_action" = check; then
  echo "$file would be changed:"
  diff -u "$file" "$new" | tail -n +3
  exit 0
fi
if test -f "$file"; then
  cp -p "$file" "$file.om-old" || stop "$file cannot be copied to $file.om-old"
else
  chmod 644 "$new"
fi
mv -f "$new" "$file" || stop "$file cannot be replaced"
if ! said="$(follow)"; then
  if test -f "$file.om-old"; then mv -f "$file.om-old" "$file"; else rm -f "$file"; fi
  follow >/dev/null
  stop "the follow-up failed, the earlier state is back: $said"
fi
echo "$file was written, sha256 $OM_source_sha256"
exit 10
