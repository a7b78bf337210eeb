#!/bin/bash
# The whole product on this machine, private to it: a gateway under load, an sshd on loopback, and VS Code in the browser,
# attached. Ctrl-C ends and removes all of it.
#
#   npm run demo [-- --yes] [-- --check] [-- --port N]
#
# --yes     no question before system packages are installed
# --check   unattended, with a real browser; the last line is one JSON object; exit code 1 where the hot function was missed
# --port    where VS Code is served; any free port otherwise
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

setup=()
demo=()
while [ $# -gt 0 ]; do
  case $1 in
    --yes | -y) setup+=(--yes) ;;
    --check) demo+=(--check) ;;
    --port)
      demo+=(--port "${2:?--port wants a number}")
      shift
      ;;
    -h | --help)
      sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "demo: unknown option $1 (known: --yes, --check, --port N)" >&2
      exit 2
      ;;
  esac
  shift
done

scripts/setup.sh "${setup[@]}"
scripts/package.sh --tests
. scripts/setup/as-root.sh
as_root "The demo traces a running nginx with eBPF, and that needs root." node out/demo/main.js "${demo[@]}"
