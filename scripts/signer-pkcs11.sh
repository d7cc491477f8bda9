#!/usr/bin/env bash
# Builds examples/signer-pkcs11 into .tools/, with Go and a C compiler. Does nothing where it stands and the example has not changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly source=examples/signer-pkcs11 target=.tools/signer-pkcs11

say() { printf '[signer-pkcs11] %s\n' "$*" >&2; }

if ! command -v go >/dev/null || ! command -v "${CC:-gcc}" >/dev/null; then
  say "Go and a C compiler are needed for examples/signer-pkcs11 and its test; install both and run this again"
  exit 1
fi

fingerprint=$({
  go env GOVERSION
  cat "${BASH_SOURCE[0]}" "$source"/go.* "$source"/*.go "$source"/signerv1/*.go
} | cksum)
if [ -x "$target" ] && [ "$(cat "$target.fingerprint" 2>/dev/null)" = "$fingerprint" ]; then exit 0; fi

mkdir -p .tools
export CGO_ENABLED=1
go -C "$source" vet ./...
go -C "$source" build -trimpath -o "$PWD/$target" .
printf '%s\n' "$fingerprint" >"$target.fingerprint"
say "ready in $target after $SECONDS s"
