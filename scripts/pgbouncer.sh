#!/usr/bin/env bash
# Brings the PgBouncer that the tests run before Postgres: the machine's own from 1.21 on, or one built from Debian's source package into
# .tools/pgbouncer. Does nothing where it stands; installs nothing on the machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The first that keeps prepared statements apart in transaction mode.
readonly least=1.21.0
readonly version=1.24.1 suite=trixie sha256=da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0
readonly target=.tools/pgbouncer keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '[pgbouncer] %s\n' "$*" >&2; }

# Whether the pgbouncer in $1 is new enough.
is_current() {
  local have
  have=$("$1" --version 2>/dev/null | sed -n 's/^PgBouncer //p') || return 1
  [ -n "$have" ] && [ "$(printf '%s\n' "$least" "$have" | sort -V | head -n 1)" = "$least" ]
}

fingerprint=$(cksum <"${BASH_SOURCE[0]}")
if [ "$(cat "$target/fingerprint" 2>/dev/null)" = "$fingerprint" ] && is_current "$target/pgbouncer"; then exit 0; fi

mkdir -p .tools
work=$(mktemp -d "$PWD/.tools/pgbouncer.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/pgbouncer"

# Debian's indexes in a folder of our own, from the mirror that this machine uses: its own lists are neither needed nor changed.
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

download() {
  local tool codename mirror
  for tool in apt-get dpkg-deb make "${CC:-gcc}"; do command -v "$tool" >/dev/null || { echo "$tool is missing"; return 1; }; done
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016  # the names are apt's
  mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | sed -n "s/^$codename //p" | head -n 1)
  if [ -z "$mirror" ] || [ ! -e "$keyring" ]; then echo "apt knows no mirror of Debian"; return 1; fi
  printf '%s [signed-by=%s] %s %s main\n' deb "$keyring" "$mirror" "$codename" deb-src "$keyring" "$mirror" "$suite" >"$work/sources.list"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  apt update
  cd "$work"
  apt source --download-only --tar-only pgbouncer
  apt download libevent-dev
  printf '%s  %s\n' "$sha256" "pgbouncer_$version.orig.tar.gz" | sha256sum --check --quiet
  dpkg-deb -x libevent-dev_*.deb libevent
  tar -xzf "pgbouncer_$version.orig.tar.gz"
}

# Without TLS and c-ares: the tests speak to it on loopback. Nothing hangs on its speed.
build() {
  local multiarch
  cd "$work/pgbouncer-$version"
  multiarch=$(basename "$(dirname "$(find "$work/libevent" -name libevent.a)")")
  CFLAGS=-O0 ./configure --quiet --without-openssl --without-cares --disable-debug \
    LIBEVENT_CFLAGS="-I$work/libevent/usr/include -I$work/libevent/usr/include/$multiarch" \
    LIBEVENT_LIBS="$work/libevent/usr/lib/$multiarch/libevent.a"
  make -j2 pgbouncer
  cp pgbouncer "$work/pgbouncer/pgbouncer"
}

own=$(command -v pgbouncer || true)
if [ -n "$own" ] && is_current "$own"; then
  ln -s "$own" "$work/pgbouncer/pgbouncer"
else
  say "building PgBouncer $version (about half a minute, once) ..."
  set +e
  (set -e; download; build) >"$work/log" 2>&1
  failed=$?
  set -e
  if [ $failed -ne 0 ]; then
    tail -n 15 "$work/log" | sed 's/^/    /' >&2
    say "PgBouncer $least or newer is needed for the tests of the record behind it; install it (or, on Debian, gcc) and run this again"
    exit 1
  fi
fi
is_current "$work/pgbouncer/pgbouncer"
printf '%s\n' "$fingerprint" >"$work/pgbouncer/fingerprint"
rm -rf "$target"
mv "$work/pgbouncer" "$target"
say "ready in $target after $SECONDS s"
