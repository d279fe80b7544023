#!/bin/bash
# SPDX-License-Identifier: MIT
# Fetches Debian packages for riscv64 with this machine's own apt and unpacks them, without installing anything:
#   scripts/fetch-riscv64.sh [--with-dependencies] DEST PACKAGE...
# Afterwards DEST/root is a file tree (bin, sbin and lib lead into usr), and DEST/root.tar the same with the packages' own owners
# and modes. What a package's scripts would do is not done (fixtures/images/README.md).
# The mirror is the one that apt is configured with; SUITE (default trixie) must have riscv64. Tests need it for busybox and bash.
set -euo pipefail
with_dependencies=false
if [ "${1-}" = --with-dependencies ]; then with_dependencies=true; shift; fi
[ $# -ge 2 ] || { echo "usage: $0 [--with-dependencies] DEST PACKAGE..." >&2; exit 2; }
dest=$(realpath -m "$1")
shift
suite=${SUITE:-trixie}

# The first Debian archive in apt's own sources, in either of their two formats (one of them is missing, usually).
mirror=$({
  sed -n 's/^URIs:[[:space:]]*//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | tr ' ' '\n' || true
  sed -nE 's/^deb (\[[^]]*\] )?([^ ]+) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true
} | sed 's#/*$##' | grep -m1 -E '/debian$') || { echo "$0: apt has no Debian archive configured" >&2; exit 1; }
keyring=$(ls /usr/share/keyrings/debian-archive-keyring.*pg | head -1)

# An apt of its own: own lists, own cache, nothing of the machine's is touched.
mkdir -p "$dest"/{lists/partial,archives/partial,etc/sources.list.d,etc/apt.conf.d,etc/preferences.d,debs,root}
touch "$dest/status"
cat > "$dest/etc/sources.list.d/riscv64.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Architectures: riscv64
Signed-By: $keyring
SOURCES
apt_riscv64() {
  apt-get -qq -o APT::Architecture=riscv64 -o APT::Architectures::=riscv64 -o Dir::Etc="$dest/etc" \
    -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$dest/etc/sources.list.d" -o Dir::State="$dest" \
    -o Dir::State::Lists="$dest/lists" -o Dir::State::Status="$dest/status" -o Dir::Cache::Archives="$dest/archives" \
    -o Dir::Cache="$dest" -o Acquire::Languages=none -o APT::Sandbox::User= -o Debug::NoLocking=1 "$@"
}
apt_riscv64 update
if $with_dependencies; then # apt's own resolver, on a system where nothing is installed
  apt_riscv64 install --download-only --no-install-recommends --yes "$@" >/dev/null
  mv -f "$dest"/archives/*.deb "$dest/debs/"
else
  (cd "$dest/debs" && apt_riscv64 download "$@")
fi

# Debian's merged /usr and the directories of a system: these come with a package that may not be among them.
frame=$(mktemp -d)
trap 'rm -rf "$frame"' EXIT
mkdir -p "$frame"/{dev,etc,proc,root,tmp,usr/{bin,sbin,lib}}
chmod 1777 "$frame/tmp"
for name in bin sbin lib; do ln -s "usr/$name" "$frame/$name"; done
tar -C "$frame" --owner=0 --group=0 --mtime=@0 --sort=name -cf "$dest/root.tar.new" .
for package in "$dest"/debs/*.deb; do
  dpkg-deb --fsys-tarfile "$package" >> "$dest/root.tar.new"
done
mv "$dest/root.tar.new" "$dest/root.tar"
# --ignore-zeros: several archives behind each other
tar -C "$dest/root" --ignore-zeros --keep-directory-symlink --no-same-owner -xpf "$dest/root.tar"
