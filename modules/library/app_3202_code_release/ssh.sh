#!/bin/sh
set -u
case "$OM_base" in
  */.. | */../* | */) echo "this is not the path of a folder" >&2; exit 2 ;;
  /*[!/]*) ;;
  *) echo "the folder does not begin with /" >&2; exit 2 ;;
esac
case "$OM_action" in
  release | roll_back | list) ;;
  *) echo "this action is not in the list" >&2; exit 2 ;;
esac
case "$OM_version" in
  [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) echo "this is not the name of a version" >&2; exit 2 ;;
esac
case "$OM_health" in
  *[!A-Za-z0-9._~/?\&=%+,:@-]*) echo "this is not a web address" >&2; exit 2 ;;
  '' | http://* | https://*) ;;
  *) echo "the address does not begin with http:// or https://" >&2; exit 2 ;;
esac
case "$OM_keep" in
  [1-9] | [1-9][0-9]) ;;
  *) echo "the number of versions to keep is not from 1 to 99" >&2; exit 2 ;;
esac
keep="$OM_keep"
stop() {
  echo "$1" >&2
  exit 1
}
cd "$OM_base" 2>/dev/null || stop "the folder $OM_base cannot be opened"
now="$(readlink current 2>/dev/null)"
switch() {
  ln -sfn "$1" .current.om && { mv -Tf .current.om current 2>/dev/null || ln -sfn "$1" current; }
  rm -f .current.om
  test "$(readlink current)" = "$1"
}
healthy() {
  test -z "$OM_health" && return 0
  for _ in 1 2 3 4 5; do
    curl -q -g -f -s -o /dev/null -m 10 --url "$OM_health" && return 0
    sleep 1
  done
  return 1
}
if test "$OM_action" = list; then
  for dir in releases/*/; do
    dir="${dir%/}" mark=-
    test "$dir" = "$now" && mark=current
    test -d "$dir" && echo "${dir#releases/} $mark"
  done
  exit 0
fi
if test "$OM_action" = roll_back; then
  before="$(readlink previous 2>/dev/null)"
  if test -z "$before" || ! test -d "$before"; then stop "there is no earlier version"; fi
  switch "$before" || stop "the link cannot be switched"
  ln -sfn "$now" previous
  echo "switched back to ${before#releases/}"
  exit 10
fi
test -n "$OM_version" || stop "no version is named"
test "$now" = "releases/$OM_version" && echo "$OM_version is current already" && exit 0
mkdir -p releases || stop "no folder can be made in $OM_base"
if ! test -d "releases/$OM_version"; then
  new="$(mktemp -d releases/.om-XXXXXX)" || stop "no folder can be made in $OM_base/releases"
  trap 'rm -rf "$new"' EXIT
  trap 'exit 143' HUP INT TERM
  mkdir "$new/tree"
  sed -n 's,^.*"archive":"\([A-Za-z0-9+/=]*\)".*$,\1,p' | base64 -d >"$new/archive" || stop "the archive did not arrive whole"
  sum="$(sha256sum <"$new/archive")"
  test "${sum%% *}" = "$OM_archive_sha256" || stop "the archive did not arrive whole: its checksum is wrong"
  tar -tzf "$new/archive" 2>/dev/null | grep -Eq '(^|/)\.\.(/|$)|^/' && stop "the archive leads out of its folder"
  tar -xzf "$new/archive" -C "$new/tree" 2>/dev/null || stop "the archive cannot be unpacked"
  chmod 755 "$new/tree"
  mv "$new/tree" "releases/$OM_version" || stop "the version cannot be put in its place"
fi
switch "releases/$OM_version" || stop "the link cannot be switched"
if ! healthy; then
  if test -n "$now"; then switch "$now"; else rm -f current; fi
  stop "$OM_version is not healthy; ${now:-nothing} is current again"
fi
test -n "$now" && ln -sfn "$now" previous
# shellcheck disable=SC2012 # by age; the names are those of versions
ls -1t releases | tail -n "+$((keep + 1))" | while IFS= read -r dir; do
  case "releases/$dir" in "releases/$OM_version" | "$now") ;; *) rm -rf "releases/$dir" ;; esac
done
echo "$OM_version is current"
exit 10
