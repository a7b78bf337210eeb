/**
 * The scripts that find, check and clear places for the probe on a host. POSIX sh with nothing but
 * uname, id, ls, mkdir, rm and, where there is one, sha256sum.
 *
 * The probe may be run as root from where it lands, so a place is good only when nobody but the
 * user who signed in (and root) can change what is in it: a folder of ours, mode 700, that is no
 * link, in a folder that only root or we can write to, or that is sticky. What stands there already
 * is trusted only after its owner, its mode and its hash were checked.
 */

/**
 * First those where a file may carry capabilities, and which are cleared when the host restarts.
 */
const PLACES = `places() {
  printf '%s\\n' /tmp "\${HOME:+$HOME/.cache}" /dev/shm /var/tmp "\${XDG_RUNTIME_DIR:-}" /run
}`;

const CHECKS = `
LC_ALL=C; export LC_ALL
umask 077
uid=$(id -u)
newline='
'
# owned PATH PATTERN: is no link, belongs to us, and its type and mode fit the pattern
owned() {
  [ ! -L "$1" ] || return 1
  pattern=$2
  set -- $(ls -ldn "$1" 2>/dev/null)
  case "$1" in $pattern) ;; *) return 1 ;; esac
  [ "$3" = "$uid" ]
}
# safe FOLDER: nobody else can rename what we put into it
safe() {
  set -- $(ls -ldnL "$1" 2>/dev/null)
  [ "$3" = 0 ] || [ "$3" = "$uid" ] || return 1
  case "$1" in
    d????-??-*) return 0 ;;
    d????????[tT]*) return 0 ;;
  esac
  return 1
}
${PLACES}
`;

/**
 * $1: places not to try again, one a line; the rest: `architecture=sha256` of each probe. Prints
 * lines of a word and a text: system, machine, uid; `bad PLACE: REASON` for each place that will
 * not do; and last `ready FILE` where the probe is and runs, or `place FILE` where it can be put.
 */
export const SURVEY = `${CHECKS}
skip=$1; shift
machine=$(uname -m)
printf 'system %s\\nmachine %s\\nuid %s\\n' "$(uname -s)" "$machine" "$uid"
case "$machine" in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; esac
sum=
for pair in "$@"; do
  case "$pair" in "$machine="*) sum=\${pair#*=} ;; esac
done
[ -n "$sum" ] || exit 0
try() {
  base=$1
  [ -n "$base" ] || return 1
  case "$newline$skip$newline" in *"$newline$base$newline"*) return 1 ;; esac
  if [ "$base" = "\${HOME:-}/.cache" ] && [ ! -d "$base" ]; then mkdir -p "$base" 2>/dev/null; fi
  [ -d "$base" ] || { echo "bad $base: is not there"; return 1; }
  safe "$base" || { echo "bad $base: other users could change what is put there"; return 1; }
  folder=$base/acupoint-$uid
  if [ ! -e "$folder" ] && [ ! -L "$folder" ]; then
    error=$(mkdir "$folder" 2>&1) || { echo "bad $base: \${error##*: }"; return 1; }
  fi
  owned "$folder" 'drwx--[-S]---*' ||
    { echo "bad $base: $folder belongs to someone else"; return 1; }
  file=$folder/acupoint-probe-$(printf %.16s "$sum")
  if [ -e "$file" ] || [ -L "$file" ]; then
    if owned "$file" '-rwx------*' &&
      [ "$(sha256sum < "$file" 2>/dev/null)" = "$sum  -" ] &&
      "$file" --version >/dev/null 2>&1 </dev/null
    then
      echo "ready $file"
      return 0
    fi
    error=$(rm -f "$file" 2>&1) || { echo "bad $base: \${error##*: }"; return 1; }
  fi
  [ -w "$folder" ] || { echo "bad $base: may not be written"; return 1; }
  echo "place $file"
  return 0
}
list=$(places)
IFS=$newline
for place in $list; do
  IFS=' 	'"$newline"
  if try "$place"; then exit 0; fi
done
`;

/**
 * $1: a probe that was just landed. Runs it once, and removes those of other versions beside it.
 */
export const SETTLE = `
error=$("$1" --version 2>&1 </dev/null)
code=$?
if [ $code -ne 0 ]; then
  rm -f "$1"
  rmdir "\${1%/*}" 2>/dev/null
  printf '%s\\n' "$error" >&2
  exit $code
fi
for old in "\${1%/*}"/acupoint-probe-*; do
  case "$old" in "$1" | *.part) ;; *) rm -f "$old" ;; esac
done
`;

/** Prints each path that it removed. */
export const REMOVE = `${CHECKS}
list=$(places)
IFS=$newline
for base in $list; do
  IFS=' 	'"$newline"
  folder=$base/acupoint-$uid
  owned "$folder" 'drwx--[-S]---*' || continue
  for file in "$folder"/acupoint-probe-*; do
    { [ -e "$file" ] || [ -L "$file" ]; } && rm -f "$file" && printf '%s\\n' "$file"
  done
  rmdir "$folder" 2>/dev/null
done
exit 0
`;
