#!/bin/sh
# Says whether the generated Go files below FRESH and below TREE are the same ones; shows the differences and
# ends in 1 if not. usage: packaging/samefiles.sh FRESH TREE
set -eu
fresh=$1 tree=$2
status=0
generated() { (cd "$1" && find . -name '*.go' -exec grep -l '^// Code generated .* DO NOT EDIT\.$' {} +) | sort; }
for f in $( (generated "$fresh"; generated "$tree") | sort -u); do
	if [ ! -e "$fresh/$f" ]; then
		echo "$tree/$f: nothing generates it any more: remove it"
		status=1
	elif ! diff -u "$tree/$f" "$fresh/$f"; then
		status=1
	fi
done
[ $status = 0 ] || echo "generated code is not up to date: run make generate" >&2
exit $status
