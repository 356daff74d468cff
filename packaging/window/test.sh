#!/usr/bin/env bash
# The console's real window under an X server of its own: it comes up, it is drawn, it answers the keyboard, and it
# ends without complaint when it is asked to. Pictures are left in build/window. Needs packaging/deps.sh --test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
program=$PWD/build/bin/omanager
out=build/window
rm -rf "$out"
mkdir -p "$out"
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache

shot() { packaging/window/shot.sh "$@" >/dev/null; }
fail() {
	echo "window-test: $*" >&2
	exit 1
}

shot "$out/first.png" 1280x800 3 -- "$program"
colours=$(identify -format '%k' "$out/first.png")
[ "$colours" -gt 50 ] || fail "the window shows $colours colours: it is not drawn"

shot "$out/typed.png" 1280x800 3 -k "key Tab" -k "type window-test" -- "$program"
different=$(compare -metric AE "$out/first.png" "$out/typed.png" null: 2>&1 || true)
[ "${different%%.*}" != 0 ] || fail "typing changed nothing in the window"

echo "the window is drawn ($colours colours) and typing changes it ($different pixels): $out"
