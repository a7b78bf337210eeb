# Sourced: as_root REASON COMMAND ARGUMENT... replaces the shell by the command, run as root.
as_root() {
  local reason=$1
  shift
  if [ "$(id -u)" -eq 0 ]; then exec "$@"; fi
  if sudo -n true 2>/dev/null; then
    :
  elif [ -t 0 ]; then
    echo "$reason sudo may ask for your password."
  else
    echo "$reason This user is not root, and sudo wants a password. Run it as root." >&2
    exit 1
  fi
  exec sudo -- env "PATH=$PATH" "CI=${CI:-}" "CHROME_BIN=${CHROME_BIN:-}" "$@"
}
