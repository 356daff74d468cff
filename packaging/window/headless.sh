#!/usr/bin/env bash
# What `make run` does where there is no display: the console's main job through the real programs (a demo fleet, log in,
# run a module on all servers, the grouped result), and pictures of the console's windows in that state in build/pictures.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$PWD/build/bin
work=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } || true
	rm -rf "$work"
}
trap finish EXIT

mkfifo "$work/ready"
"$bin/omserver" demo --hosts 50 --data "$work/data" >"$work/ready" 2>"$work/log" &
server=$!
read -r line <"$work/ready" || { echo "omserver demo did not start:"; cat "$work/log"; exit 1; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$line"; }

export OMCTL_CONFIG_DIR=$work/profiles
OMCTL_PASSWORD=$(field password) "$bin/omctl" login --server "$(field address)" --fingerprint "$(field fingerprint)" \
	--operator "$(field operator)" --keyfile "$(field keyfile)" >/dev/null
echo "== module 1003 (operating system version) on 50 simulated servers, some of which are down on purpose"
code=0
"$bin/omctl" run 1003 --on all || code=$?
[ "$code" -le 1 ] || exit "$code" # 1: some servers did not end well, as they should here

mkdir -p build/pictures
echo "== pictures of the console in that state"
"$bin/omanager" --shot build/pictures
ls -1 build/pictures/*.png
