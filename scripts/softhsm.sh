#!/usr/bin/env bash
# Brings the HSM that the tests run against: SoftHSM 2, the machine's own or Debian's packages unpacked into .tools/softhsm. Does nothing
# where it stands; installs nothing on the machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly target=.tools/softhsm
readonly places=(/usr/lib/softhsm /usr/local/lib/softhsm /usr/lib64/pkcs11 /usr/lib64/softhsm /opt/homebrew/lib/softhsm)

say() { printf '[softhsm] %s\n' "$*" >&2; }

fingerprint=$(cksum <"${BASH_SOURCE[0]}")
if [ "$(cat "$target/fingerprint" 2>/dev/null)" = "$fingerprint" ] && "$target/softhsm2-util" --version >/dev/null 2>&1; then exit 0; fi

mkdir -p .tools
work=$(mktemp -d "$PWD/.tools/softhsm.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/softhsm"

link_own() { # folder of the module, path of softhsm2-util
  ln -s "$1/libsofthsm2.so" "$work/softhsm/libsofthsm2.so"
  ln -s "$2" "$work/softhsm/softhsm2-util"
}

download() { (cd "$work" && apt-get download -qq softhsm2 libsofthsm2 >/dev/null 2>&1); }

from_debian() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  if ! download; then
    apt-get update -qq >/dev/null || return 1
    download || return 1
  fi
  for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
  cp "$(find "$work/root" -type f -name libsofthsm2.so)" "$work/softhsm/libsofthsm2.so"
  cp "$work/root/usr/bin/softhsm2-util" "$work/softhsm/softhsm2-util"
}

own=$(command -v softhsm2-util || true)
found=
for place in "${places[@]}"; do [ -n "$own" ] && [ -e "$place/libsofthsm2.so" ] && found=$place && break; done
if [ -n "$found" ]; then
  link_own "$found" "$own"
elif ! from_debian; then
  say "SoftHSM 2 is needed for the tests of examples/signer-pkcs11; install it (Debian, Ubuntu: the package softhsm2) and run this again"
  exit 1
fi
"$work/softhsm/softhsm2-util" --version >/dev/null
printf '%s\n' "$fingerprint" >"$work/softhsm/fingerprint"
rm -rf "$target"
mv "$work/softhsm" "$target"
say "ready in $target after $SECONDS s"
