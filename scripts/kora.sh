#!/usr/bin/env bash
# Prints the path of the Kora that the tests run against: of the pinned version, on PATH or in .cache/kora; builds it there where there is
# none (cargo, about 20 minutes on two cores, once). With --find: does not build, and exits 1 where there is none.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly version=2.0.5
readonly cache=$PWD/.cache/kora/$version

is_pinned() { [ "$("$1" --version 2>/dev/null)" = "kora-cli $version" ]; }

found=$(command -v kora || true)
for candidate in "$cache/bin/kora" "$found"; do
  if [ -n "$candidate" ] && is_pinned "$candidate"; then
    printf '%s\n' "$candidate"
    exit 0
  fi
done
[ "${1:-}" = --find ] && exit 1

if ! command -v cargo >/dev/null; then
  printf '[kora] Kora %s is needed, and neither it nor cargo is on PATH: install Rust and run this again\n' "$version" >&2
  exit 1
fi
mkdir -p "$cache"
printf '[kora] building kora-cli %s (about 20 minutes, once; log: .cache/kora/%s/build.log) ...\n' "$version" "$version" >&2
if ! cargo install kora-cli --version "$version" --locked --root "$cache" --target-dir "$cache/target" >"$cache/build.log" 2>&1; then
  tail -n 25 "$cache/build.log" >&2
  exit 1
fi
rm -rf "$cache/target"
is_pinned "$cache/bin/kora" || { printf '[kora] what was built is not kora-cli %s\n' "$version" >&2; exit 1; }
printf '[kora] ready after %s s\n' "$SECONDS" >&2
printf '%s\n' "$cache/bin/kora"
