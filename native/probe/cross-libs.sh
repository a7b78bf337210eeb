#!/bin/sh
# Fetches the arm64 libraries that the probe is linked with and unpacks them into the folder given,
# by a private apt folder: neither the package lists nor the architectures of this machine change.
set -eu

target=${1:?usage: cross-libs.sh FOLDER}
packages='libbpf-dev libelf-dev zlib1g-dev libnanopb-dev libzstd-dev'

fail() {
	echo "cross-libs.sh: $*" >&2
	echo 'The probe for arm64 cannot be built without them; the one for this machine can.' >&2
	exit 1
}

command -v apt-get >/dev/null || fail 'there is no apt-get: only Debian and Ubuntu are supported'
command -v dpkg-deb >/dev/null || fail 'there is no dpkg-deb: install the package dpkg'
mkdir -p "$target"
target=$(cd "$target" && pwd)
apt=$target/apt
rm -rf "$apt" "$target/ready"
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/parts" "$apt/debs"
: >"$apt/status"

# shellcheck disable=SC1091
. /etc/os-release
set -- -q=2 -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status" \
	-o "Dir::Cache=$apt/cache" -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
	-o APT::Sandbox::User= \
	-o Acquire::Languages=none -o Acquire::Retries=3
if [ "${ID:-}" = ubuntu ] && [ "$(dpkg --print-architecture)" != arm64 ]; then
	# Ubuntu serves arm64 from another mirror than amd64.
	mirror=${ACUPOINT_UBUNTU_PORTS:-http://ports.ubuntu.com/ubuntu-ports}
	keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg
	for suite in "$VERSION_CODENAME" "$VERSION_CODENAME-updates"; do
		echo "deb [signed-by=$keyring] $mirror $suite main universe"
	done >"$apt/sources.list"
	set -- "$@" -o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=$apt/parts"
fi

# A source that fails is no reason to stop while another one has the packages.
apt-get "$@" update >"$apt/update.log" 2>&1 || true
cd "$apt/debs"
for package in $packages; do
	apt-get "$@" download "$package:arm64" >"$apt/download.log" 2>&1 || {
		cat "$apt/update.log" "$apt/download.log" >&2
		fail "the package $package for arm64 is not available from this machine's package sources"
	}
done
for deb in *.deb; do
	dpkg-deb -x "$deb" "$target"
done
rm -rf "$apt"
touch "$target/ready"
