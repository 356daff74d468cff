#!/bin/sh
# Installs what building OManager needs from the system, and with --test also what its tests and measurements
# need. It says what it installs, and does nothing when all is there. Works as root or through sudo.
set -eu

usage() {
	echo "usage: packaging/deps.sh [--test] [--list]"
	echo "  --test  also what the tests, the measurements and the window test need"
	echo "  --list  only say what is missing; exit 1 if anything is"
}

with_tests=no
list_only=no
for arg in "$@"; do
	case $arg in
	--test) with_tests=yes ;;
	--list) list_only=yes ;;
	-h | --help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done

# The package names, by manager: to build, then to test.
if command -v apt-get >/dev/null 2>&1; then
	manager=apt-get
	build="gcc pkg-config libgl1-mesa-dev libgles2-mesa-dev libegl1-mesa-dev xorg-dev libwayland-dev libxkbcommon-dev"
	test="xvfb xdotool imagemagick x11-utils mariadb-server-core mariadb-client-core openssh-server openssh-client pdsh clustershell pssh libgl1-mesa-dri busybox fish tcsh"
elif command -v dnf >/dev/null 2>&1; then
	manager=dnf
	build="gcc pkgconf-pkg-config mesa-libGL-devel mesa-libGLES-devel mesa-libEGL-devel libX11-devel libXcursor-devel libXrandr-devel libXinerama-devel libXi-devel libXxf86vm-devel wayland-devel libxkbcommon-devel"
	test="xorg-x11-server-Xvfb mariadb-server xdotool ImageMagick xwininfo openssh-server openssh-clients pdsh pdsh-rcmd-ssh clustershell pssh mesa-dri-drivers busybox fish tcsh"
elif command -v pacman >/dev/null 2>&1; then
	manager=pacman
	build="gcc pkgconf mesa libglvnd libx11 libxcursor libxrandr libxinerama libxi libxxf86vm wayland libxkbcommon"
	test="xorg-server-xvfb mariadb xdotool imagemagick xorg-xwininfo openssh busybox fish tcsh" # pdsh, clustershell and pssh are in the AUR only
elif [ "$(uname -s)" = Darwin ]; then
	if xcode-select -p >/dev/null 2>&1; then exit 0; fi
	echo "deps: install Apple's command line tools first: xcode-select --install" >&2
	exit 1
else
	echo "deps: no apt-get, dnf or pacman here. Install a C compiler, pkg-config and the development files of" >&2
	echo "deps: OpenGL ES, EGL, X11 (Xcursor, Xrandr, Xinerama, Xi, Xxf86vm), Wayland and xkbcommon, then run make build." >&2
	exit 1
fi

have() {
	case $manager in
	apt-get) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$' ;;
	dnf) rpm -q --whatprovides "$1" >/dev/null 2>&1 ;;
	pacman) pacman -T "$1" >/dev/null 2>&1 ;;
	esac
}

wanted=$build
[ "$with_tests" = yes ] && wanted="$build $test"
missing=
for package in $wanted; do
	have "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "deps: missing:$missing"
[ "$list_only" = yes ] && exit 1

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "deps: installing needs root: run packaging/deps.sh as root, or install sudo" >&2
		exit 1
	fi
	as_root=sudo
fi

echo "deps: installing them with ${as_root:+sudo }$manager"
# The lists hold names without blanks: splitting is meant.
# shellcheck disable=SC2086
case $manager in
apt-get)
	$as_root apt-get update -q
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
	;;
dnf) $as_root dnf install -y $missing ;;
pacman) $as_root pacman -S --needed --noconfirm $missing ;;
esac
