#!/bin/bash
# Runs every layer of tests, from a clean clone on: sets the machine up, builds, tests, adds up.
#
#   scripts/test.sh [--yes] [LAYER...]
#
#   layers: check unit native fuzz webview host integration kernels e2e
#
# The last line is "N passed, N failed" over all layers; the exit code is not 0 when one failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

setup=()
layers=()
for argument in "$@"; do
  case $argument in
    --yes | -y) setup+=(--yes) ;;
    -*)
      echo "test: unknown option $argument (known: --yes, and layers by name)" >&2
      exit 2
      ;;
    *) layers+=("$argument") ;;
  esac
done

stop() {
  echo "$1" >&2
  echo "0 passed, 1 failed"
  exit 1
}
scripts/setup.sh "${setup[@]}" || stop "The machine could not be set up, so nothing was tested."
scripts/package.sh --tests || stop "The build failed, so nothing was tested."
. scripts/setup/as-root.sh
as_root "Many tests trace a running nginx with eBPF, and that needs root." \
  node scripts/test/run.mjs "${layers[@]}"
