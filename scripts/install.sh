#!/usr/bin/env bash
# Brings what the project needs, side by side: Node 24 with all packages by npm, and OPA by go. Does nothing where both stand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly root=$PWD opa_version=1.19.1 node_major=24
readonly logs=$root/.cache/install

# The node that runs npm must not be the one that `npm ci` is about to replace.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -vxF -e "$root/node_modules/.bin" -e "$root/.tools" | paste -sd: -)
export PATH

say() { printf '[install] %s\n' "$*" >&2; }

npm_is_current() {
  [ -x node_modules/.bin/node ] && [ -f node_modules/.package-lock.json ] || return 1
  [[ $(node_modules/.bin/node --version 2>/dev/null) == v$node_major.* ]] || return 1
  node_modules/.bin/node scripts/packages-current.ts
}

# Whether the opa in $1 is the version we need, or newer.
opa_is_current() {
  local have
  have=$("$1" version 2>/dev/null | sed -n 's/^Version: //p') || return 1
  [ -n "$have" ] && [ "$(printf '%s\n' "$opa_version" "$have" | sort -V | head -n 1)" = "$opa_version" ]
}

install_npm() {
  if ! command -v npm >/dev/null; then
    echo "npm is missing: install Node.js 20 or newer (it brings npm); Node $node_major itself comes with the packages"
    return 1
  fi
  npm ci --include=dev --no-audit --no-fund --loglevel=error </dev/null || return 1
  if ! npm_is_current; then
    echo "npm ci ended, but node_modules/.bin/node is not Node $node_major: are install scripts switched off (npm config get ignore-scripts)?"
    return 1
  fi
}

install_opa() {
  local found
  mkdir -p .tools
  found=$(command -v opa || true)
  if [ -n "$found" ] && opa_is_current "$found"; then
    ln -sf "$found" .tools/opa
    return
  fi
  if ! command -v go >/dev/null; then
    echo "OPA $opa_version or newer is needed to compile the policies, and neither \`opa\` nor \`go\` is on PATH. Either"
    echo "  - install Go and run this again (it builds OPA into .tools/), or"
    echo "  - put an opa $opa_version binary (openpolicyagent.org, \"Running OPA\") on PATH and run this again."
    return 1
  fi
  rm -f .tools/opa
  GOBIN=$root/.tools go install -trimpath "github.com/open-policy-agent/opa@v$opa_version" </dev/null || return 1
  opa_is_current .tools/opa
}

# Runs one install in a process group of its own; its output goes to a log that is shown only if it fails.
start() { # name function
  (
    if "$2" >"$logs/$1.log" 2>&1; then
      say "$1: ready after $SECONDS s"
    else
      say "$1: failed"
      tail -n 25 "$logs/$1.log" | sed 's/^/    /' >&2
      exit 1
    fi
  ) &
  jobs_started+=("$!")
}

stop_all() {
  for job in "${jobs_started[@]}"; do kill -- "-$job" 2>/dev/null || true; done
}

main() {
  jobs_started=()
  local needs_npm=no needs_opa=no failed=0
  npm_is_current || needs_npm=yes
  opa_is_current .tools/opa || needs_opa=yes
  [ "$needs_npm$needs_opa" = nono ] && return

  set -m
  trap 'stop_all; exit 130' INT TERM
  mkdir -p "$logs"
  if [ $needs_npm = yes ]; then
    say "packages: npm ci (brings Node $node_major too) ..."
    start packages install_npm
  fi
  if [ $needs_opa = yes ]; then
    say "opa: looking for OPA $opa_version, else building it with go (about two minutes, once) ..."
    start opa install_opa
  fi
  local installs=("${jobs_started[@]}")
  (while sleep 20; do say "... $SECONDS s, still installing (logs: .cache/install/)"; done) &
  jobs_started+=("$!")
  disown "$!"
  for job in "${installs[@]}"; do wait "$job" || failed=1; done
  stop_all
  return $failed
}

main
