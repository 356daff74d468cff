#!/bin/sh
# Run a program under its own X server with software GL and take a picture of its window.
# Usage: shot.sh PICTURE.png WIDTHxHEIGHT SECONDS [-k "xdotool arguments"]... -- PROGRAM [ARGUMENT]...
# Each -k runs one xdotool command once the window stands, with half a second after it. Needs Xvfb, imagemagick, xdotool.
set -eu
[ $# -ge 5 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
picture=$1 size=$2 seconds=$3
shift 3
keys=$(mktemp)
while [ "$1" = -k ]; do
	printf '%s\n' "$2" >>"$keys"
	shift 2
done
[ "$1" = -- ] && shift

number=$(mktemp)
exec 9>"$number"
Xvfb -displayfd 9 -screen 0 "${size}x24" -nolisten tcp >/dev/null 2>&1 &
server=$!
program=
finish() {
	if [ -n "$program" ]; then
		kill "$program" 2>/dev/null || true
		wait "$program" 2>/dev/null || true
	fi
	kill "$server" 2>/dev/null || true
	rm -f "$keys" "$number"
}
trap finish EXIT INT TERM
tries=0
until [ -s "$number" ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || { echo "Xvfb did not start" >&2; exit 1; }
	sleep 0.1
done
DISPLAY=:$(cat "$number")
export DISPLAY LIBGL_ALWAYS_SOFTWARE=1 LANG="${LANG:-en_US.UTF-8}"

"$@" &
program=$!
window=
tries=0
while [ -z "$window" ]; do
	kill -0 "$program" 2>/dev/null || { echo "the program ended before it had a window" >&2; exit 1; }
	tries=$((tries + 1))
	[ "$tries" -lt 300 ] || { echo "no window after 30 seconds" >&2; exit 1; }
	sleep 0.1
	window=$(xdotool search --onlyvisible --name . 2>/dev/null | tail -n 1) || true
done
xdotool windowmove "$window" 0 0 windowsize "$window" "${size%x*}" "${size#*x}" windowfocus "$window" || true
sleep "$seconds"
while read -r line; do
	# shellcheck disable=SC2086 # a line is several arguments
	xdotool $line
	sleep 0.5
done <"$keys"
import -window root "$picture"
echo "$picture"
