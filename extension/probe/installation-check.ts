/**
 * Whether an administrator installed the probe of this version, and so that it can be trusted. The
 * folder is below /opt, which belongs to root everywhere; /usr/local is open to a group on older
 * Debian systems. The name holds the hash: versions stand side by side, and a rule of sudo that
 * names a path names one content.
 */

export const INSTALLATION_FOLDER = '/opt/acupoint';

/** Expects {@link PATH_CHECKS}. */
export const INSTALLATION_CHECK = `
# fault FILE SUM: says what keeps an installation from being used; false when it is right
fault() {
  if [ -L "$1" ]; then echo "$1 is a link"; return 0; fi
  set -f
  set -- "$1" "$2" $(ls -ldn "$1" 2>/dev/null)
  set +f
  case "$3" in
    -rwxr-x---* | -rwxr-xr-x*) ;;
    -*) echo "$1 has the mode $3 and not -rwxr-x--- or -rwxr-xr-x"; return 0 ;;
    *) echo "$1 is no file"; return 0 ;;
  esac
  if [ "$5" != 0 ]; then echo "$1 belongs to user $5, not to root"; return 0; fi
  if [ ! -r "$1" ] || [ ! -x "$1" ]; then
    echo "$1 is for a group that this user is not in, or was not in when this session began"
    return 0
  fi
  actual=$(sum_of "$1")
  if [ "$actual" != "$2" ]; then
    echo "$1 has the SHA-256 \${actual:-unknown}, and not that of this version, $2"
    return 0
  fi
  if error=$("$1" --version 2>&1 </dev/null); then return 1; fi
  echo "$1 does not run: $error"
}
# installed NAME SUM: says where the installation is, or why it cannot be used
installed() {
  [ -e ${INSTALLATION_FOLDER} ] || [ -L ${INSTALLATION_FOLDER} ] || return 1
  if ! resolve ${INSTALLATION_FOLDER}; then
    echo "unfit ${INSTALLATION_FOLDER} is no folder that this user may enter"
    return 1
  fi
  if reason=$(exposed "$real" root); then echo "unfit $reason"; return 1; fi
  if [ ! -e "$real/$1" ] && [ ! -L "$real/$1" ]; then
    echo "unfit $real holds no probe of this version, which would be $1"
    return 1
  fi
  if reason=$(fault "$real/$1" "$2"); then echo "unfit $reason"; return 1; fi
  echo "installed $real/$1"
}
`;
