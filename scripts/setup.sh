#!/bin/bash
# Sees to it that everything that the demo and the tests need is there: system packages, npm packages and code-server.
# Says what is missing, asks once before it installs system packages, and does nothing when all is there.
#
#   scripts/setup.sh [--yes] [--for build,run,browser,vscode,kernels]
#
# --yes (also in CI and without a terminal): no question. The system's nginx and sshd are not started, its configuration
# and /etc/ssh are left as they are.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. scripts/setup/packages.sh

roles="build run browser vscode kernels"
yes=
while [ $# -gt 0 ]; do
  case $1 in
    --yes | -y) yes=1 ;;
    --for)
      roles=${2//,/ }
      shift
      ;;
    *)
      echo "setup: unknown option $1 (known: --yes, --for build,run,browser,vscode,kernels)" >&2
      exit 2
      ;;
  esac
  shift
done
if [ -n "${CI:-}" ] || [ ! -t 0 ] || [ ! -t 1 ]; then yes=1; fi

fail() {
  echo "setup: $*" >&2
  exit 1
}

check_node() {
  command -v node >/dev/null || fail "Node is not installed. Install Node 20 or newer (https://nodejs.org)."
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node $(node -v) is too old; Node 20 or newer is needed."
  command -v npm >/dev/null || fail "npm is not installed. It comes with Node; on Debian: apt-get install npm."
}

as_root=()
prepare_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || fail "run this as root, or install the packages first: apt-get install $*"
  if [ -n "$yes" ] && ! [ -t 0 ] && ! sudo -n true 2>/dev/null; then
    fail "sudo wants a password and there is no terminal to ask. Run: sudo apt-get install $*"
  fi
  as_root=(sudo)
}

# Packages that bring a service must not start it here. A policy that is already there is left as it is.
policy=/usr/sbin/policy-rc.d
policy_is_ours=
withhold_services() {
  if [ -e "$policy" ]; then return; fi
  policy_is_ours=1
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
}
release_services() {
  if [ -n "$policy_is_ours" ]; then "${as_root[@]}" rm -f "$policy"; fi
  policy_is_ours=
}
trap release_services EXIT

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

install_packages() {
  local missing answer available
  mapfile -t missing < <(missing_packages $roles | grep -v '?$')
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    fail "this is not Debian or Ubuntu. What those call these packages is missing here: ${missing[*]}"
  fi
  mapfile -t missing < <(missing_packages $roles)
  echo "Missing system packages: ${missing[*]%\?}"
  if [ -z "$yes" ]; then
    read -r -p "Install them with apt-get? Nothing else of the system is changed. [Y/n] " answer
    case $answer in '' | [Yy]*) ;; *) fail "not installed, as you wished; nothing was changed." ;; esac
  fi
  prepare_root "${missing[*]%\?}"
  apt_get update || echo "setup: apt-get update failed; going on with the lists that are here." >&2
  available=$(available_packages "${missing[@]}") || fail "some packages cannot be had (above)."
  withhold_services
  # A replacement of the Lua module's library would break the system's nginx; better to stop than to remove anything.
  # shellcheck disable=SC2086
  apt_get install -y --no-install-recommends --no-remove $available >/dev/null ||
    fail "apt-get could not install: $available"
  release_services
  mapfile -t missing < <(missing_packages $roles | grep -v '?$')
  [ ${#missing[@]} -eq 0 ] || fail "still missing after apt-get: ${missing[*]}"
}

install_npm() {
  node scripts/setup/npm-current.mjs && return
  echo "Installing npm packages"
  # No package's script runs: none of them needs to. npm ci wants every platform's packages in the lock file, which a
  # registry that mirrors only some of them could not give; npm install takes what the lock file does say.
  local options=(--ignore-scripts --no-audit --no-fund --loglevel=error)
  npm ci "${options[@]}" >/dev/null 2>&1 || npm install --no-save "${options[@]}"
  node scripts/setup/npm-current.mjs || fail "node_modules is not what package-lock.json asks for."
}

install_code_server() {
  case " $roles " in *" vscode "*) ;; *) return ;; esac
  scripts/setup/codeserver.sh --check >/dev/null && return
  echo "Installing code-server into .cache (a minute or two, 800 MB)"
  scripts/setup/codeserver.sh >/dev/null
}

check_node
install_packages
install_npm
install_code_server
