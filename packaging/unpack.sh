#!/bin/bash
# unpack.sh SUITE[/NAME] PACKAGE...: unpacks Debian packages and all they depend on into build/peers/SUITE (with
# a NAME into SUITE-NAME: a tree of its own), without installing anything, without root, with apt's state kept
# apart from the machine's. Prints the versions.
# Nothing is done when that very set is there already; two callers at a time wait for each other.
# The mirror is the one this machine's apt uses (else deb.debian.org; or RIALTO_MIRROR).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

suite=${1%%/*} name=${1//\//-}
shift
say() { echo "dev: $*"; }
stop() {
    echo "dev: $*" >&2
    exit 1
}

mkdir -p build/peers
exec 9>"build/peers/$name.lock"
flock 9

tree=$PWD/build/peers/$name
if [ "$(sed -n 1p "$tree/.complete" 2>/dev/null)" = "$*" ]; then
    sed 1d "$tree/.complete"
    exit 0
fi

# Pid-free names: what an interrupted run left behind is swept here, under the lock.
state=$PWD/build/peers/.$name.apt new=$PWD/build/peers/.$name.new
rm -rf "$state" "$new"
mkdir -p "$state"/{lists/partial,cache/archives/partial} "$new"/usr/{bin,sbin,lib,lib64}
: >"$state/status"
trap 'rm -rf "$state" "$new"' EXIT

mirror=${RIALTO_MIRROR:-$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 2>/dev/null |
    sed -n '/security/!s/^Debian //p' | sed -n 1p || true)}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main" >"$state/sources.list"

# A mirror that lags behind will do for servers on loopback; what it signs is checked all the same.
apt() {
    apt-get -qq -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
        -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=false -o Acquire::Languages=none \
        -o Debug::NoLocking=true -o Acquire::Check-Valid-Until=false -o Dpkg::Use-Pty=0 "$@" </dev/null
}

say "fetching $* of Debian $suite"
apt update || stop "cannot read the package lists of Debian $suite from ${mirror:-deb.debian.org}"
for package in "$@"; do
    # Alone first, so that a suite that is broken today is reported by the package that breaks it.
    apt --simulate install "$package" >/dev/null || stop "Debian $suite is broken: $package cannot be installed"
done
apt --yes --download-only install "$@" >/dev/null || stop "Debian $suite: could not fetch all of: $*"

for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$new/$dir"; done
for archive in "$state"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$archive" |
        tar -x --keep-directory-symlink --no-same-owner --delay-directory-restore -C "$new" ||
        stop "Debian $suite: could not unpack $(basename "$archive")"
done

{
    echo "$*"
    for package in "$@"; do
        version=$(dpkg-deb -f "$state"/cache/archives/"$package"_*.deb Version)
        echo "dev: $package $version (Debian $suite)"
    done
} >"$new/.complete"
rm -rf "$tree"
mv -T "$new" "$tree"
sed 1d "$tree/.complete"
