#!/usr/bin/env bash
# Brings the emulator of AWS KMS that the tests run against into .tools/ministack: pinned Python packages, used through the interpreter of
# .cache/python and installed nowhere. Does nothing where it stands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly requirements=scripts/ministack-requirements.txt target=.tools/ministack python=.cache/python/bin/python

fingerprint=$({ cat "${BASH_SOURCE[0]}" "$requirements"; "$python" -c 'import sys; print(sys.version)'; } | cksum)
if [ "$(cat "$target/fingerprint" 2>/dev/null)" = "$fingerprint" ]; then exit 0; fi

work=$(mktemp -d .tools/ministack.XXXXXX)
trap 'rm -rf "$work"' EXIT
"$python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --only-binary=:all: --require-hashes \
  --target "$work/packages" -r "$requirements"
PYTHONPATH="$work/packages" "$python" -c 'import ministack.app'
printf '%s\n' "$fingerprint" >"$work/packages/fingerprint"
rm -rf "$target"
mv "$work/packages" "$target"
printf '[ministack] ready in %s after %s s\n' "$target" "$SECONDS" >&2
