#!/usr/bin/env bash
# Makes the Python environment of the examples in .cache/python: the pinned packages, and the client code that grpcio-tools
# generates from proto/ (imported as `countersign.v1` and `countersign.signer.v1`). Does nothing where it stands and neither has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly env_dir=.cache/python requirements=examples/python/requirements.txt

say() { printf '[python] %s\n' "$*" >&2; }

if ! command -v python3 >/dev/null || ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
  say "Python 3.10 or newer is needed for examples/python and its test; install python3 and run this again"
  exit 1
fi

fingerprint=$({
  python3 -c 'import sys; print(sys.version, sys.base_prefix)'
  cat "${BASH_SOURCE[0]}" "$requirements" proto/countersign/v1/*.proto proto/countersign/signer/v1/*.proto
} | cksum)
if [ "$(cat "$env_dir/fingerprint" 2>/dev/null)" = "$fingerprint" ] && "$env_dir/bin/python" -c '' 2>/dev/null; then exit 0; fi

say "making $env_dir (packages of $requirements) ..."
rm -rf "$env_dir"
if ! python3 -m venv "$env_dir"; then
  say "python3 cannot make an environment; on Debian and Ubuntu install the package python3-venv and run this again"
  exit 1
fi
"$env_dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary=:all: -r "$requirements"

site=$("$env_dir/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$env_dir/bin/python" -m grpc_tools.protoc -I proto --python_out="$site" --pyi_out="$site" --grpc_python_out="$site" \
  proto/countersign/v1/*.proto proto/countersign/signer/v1/*.proto
printf '%s\n' "$fingerprint" >"$env_dir/fingerprint"
say "ready after $SECONDS s"
