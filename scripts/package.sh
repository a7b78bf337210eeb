#!/bin/bash
# Builds everything and packages the extension as out/acupoint.vsix, with a probe for each architecture that can be
# built here.
#
#   scripts/package.sh [--tests]       --tests: bundle the tests and the demo too
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  echo "build: $*"
}

# Make and its compilers say much; it is shown only where something failed.
quietly() {
  local log=out/build.log
  mkdir -p out
  "$@" >"$log" 2>&1 && return
  cat "$log" >&2
  return 1
}

jobs=-j$(nproc)
step "probe for $(uname -m)"
quietly make -C native/probe "$jobs"
if [ "$(uname -m)" = x86_64 ]; then
  step "probe for aarch64"
  # Without a compiler and libraries for it there is none; with them, one that fails is a fault of ours.
  if command -v aarch64-linux-gnu-gcc >/dev/null && quietly make -C native/probe ARCH=aarch64 libraries; then
    quietly make -C native/probe ARCH=aarch64 "$jobs"
  else
    echo "build: going on without the probe for aarch64; hosts of that kind cannot be traced." >&2
  fi
fi
step "profile engine"
quietly make -C native/addon "$jobs"
step "extension"
node scripts/build.mjs "$@"
quietly npx --no-install vsce package --no-dependencies --allow-missing-repository \
  --skip-license --out out/acupoint.vsix
# Not shipped: scripts/read-stack.mjs reads a report's stack trace with them.
rm -rf out/maps
mkdir -p out/maps
(cd dist && find . -name '*.js.map' -exec cp --parents -t ../out/maps {} +)
step "out/acupoint.vsix, $(du -k out/acupoint.vsix | cut -f1) KB"
