#!/bin/sh
set -u
file="$OM_file"
case "$OM_file" in
  */ | */. | */.. | */../*) echo "this is not the path of a file" >&2; exit 2 ;;
  /etc/* | /usr/local/* | /opt/* | /srv/* | /data/*) ;;
  *) echo "the file is not below /etc, /usr/local, /opt, /srv or /data" >&2; exit 2 ;;
esac
case "$OM_action" in
  preview | write | roll_back) ;;
  *) echo "this action is not in the list" >&2; exit 2 ;;
esac
case "$OM_was" in *[!0-9a-f]*) echo "this is not a checksum" >&2; exit 2 ;; esac
case "$OM_check" in
  none | mysql | nginx | haproxy | sshd | sudoers) ;;
  *) echo "this check is not in the list" >&2; exit 2 ;;
esac
stop() {
  echo "$1" >&2
  exit 1
}
check() {
  case "$OM_check" in
    none) ;;
    mysql) mysqld --defaults-file="$1" --validate-config || mysqld --defaults-file="$1" --help --verbose >/dev/null ;;
    nginx) nginx -t -c "$1" ;;
    haproxy) haproxy -c -f "$1" ;;
    sshd) sshd -t -f "$1" ;;
    sudoers) visudo -c -f "$1" ;;
  esac 2>&1 </dev/null
}
test -d "${file%/*}" || stop "the folder ${file%/*} does not exist"
test -d "$file" && stop "$file is a folder"
if test "$OM_action" = roll_back; then
  test -f "$file.om-old" || stop "there is no earlier $file"
  mv -f "$file.om-old" "$file" || stop "the earlier $file cannot be put back"
  echo "the earlier $file is back"
  exit 10
fi
sum=none
test -f "$file" && sum="$(sha256sum <"$file")"
sum="${sum%% *}"
test -z "$OM_was" || test "$OM_was" = "$sum" || stop "$file has changed since: its sha256 is $sum"
new="$(mktemp "$file.om-XXXXXX" 2>/dev/null)" || stop "no file can be made beside $file"
trap 'rm -f "$new"' EXIT
trap 'exit 143' HUP INT TERM
test -f "$file" && cp -p "$file" "$new"
printf '%s\n' "$OM_text" >"$new" || stop "the text cannot be written"
said="$(check "$new")" || stop "the check does not pass, nothing was changed: $said"
if cmp -s "$new" "$file" 2>/dev/null; then
  echo "$file is the same already"
  exit 0
fi
diff -u "$file" "$new" 2>/dev/null | tail -n +3
if test "$OM_action" = preview; then
  echo "$file would be changed; now its sha256 is $sum"
  exit 0
fi
if test -f "$file"; then
  cp -p "$file" "$file.om-old" || stop "$file cannot be copied to $file.om-old"
else
  chmod 644 "$new"
fi
mv -f "$new" "$file" || stop "$file cannot be replaced"
echo "$file was written; the earlier one is $file.om-old"
exit 10
