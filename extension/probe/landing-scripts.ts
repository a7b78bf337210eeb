/**
 * The scripts that find, check and clear places for the probe on a host. POSIX sh with nothing but
 * uname, id, ls, mkdir, rm, rmdir and, where there are any, sha256sum, mktemp, find, timeout and gzip.
 *
 * The probe may be run as root from where it lands, so a place is good only when nobody but the
 * user who signed in (and root) can change what is in it: a folder of ours, mode 700, that is no
 * link, below folders that only root or we can write to, or that are sticky. A file that stands
 * there already is trusted only after its owner, its mode and its hash were checked.
 *
 * The folder is called after the user, so that it is found again. Another user can take that name
 * in all places first; then a folder with a name by chance does.
 */
import { INSTALLATION_CHECK } from './installation-check';
import { PATH_CHECKS } from './path-checks';

/**
 * First those where a file may carry capabilities, and which are cleared when the host restarts.
 */
const PLACES = `places() {
  printf '%s\\n' /tmp "\${HOME:+$HOME/.cache}" /dev/shm /var/tmp "\${XDG_RUNTIME_DIR:-}" /run
}`;

/** Most folders with a name by chance that are looked at: one is enough. */
const MOST_FOLDERS = 8;
/** Another user may make any number of folders; looking through them ends after these seconds. */
const SEARCH_SECONDS = 5;

const CHECKS = `
uid=$(id -u)
${PATH_CHECKS}
# owned PATH PATTERN: is no link, belongs to us, and its type and mode fit the pattern
owned() {
  [ ! -L "$1" ] || return 1
  pattern=$2
  set -f
  set -- $(ls -ldn "$1" 2>/dev/null)
  set +f
  case "$1" in $pattern) ;; *) return 1 ;; esac
  [ "$3" = "$uid" ]
}
ours() { owned "$1" 'drwx--[-S]---*'; }
limit=
if command -v timeout >/dev/null 2>&1; then limit='timeout ${SEARCH_SECONDS}'; fi
# others BASE: prints our folders in it whose name is by chance
others() {
  $limit find "$1/." ! -name . -prune -type d -name "acupoint-$uid-*" -user "$uid" -print \\
    2>/dev/null </dev/null | head -n ${MOST_FOLDERS}
}
# sweep FOLDER: removes what uploads left whose shell is gone; its process id is in the name
sweep() {
  for part in "$1"/acupoint-probe-*.part; do
    owner=\${part%.*.part}
    owner=\${owner##*.}
    case "$owner" in '' | *[!0-9]*) ;; *) if kill -0 "$owner" 2>/dev/null; then continue; fi ;; esac
    rm -f "$part" 2>/dev/null
  done
}
# leave FOLDER: removes it when it is empty, and the one above when we made that too
leave() {
  if [ -f "$1/.made" ]; then
    rm -f "$1/.made"
    if rmdir "$1" 2>/dev/null; then rmdir "\${1%/*}" 2>/dev/null; else : > "$1/.made"; fi
  else
    rmdir "$1" 2>/dev/null
  fi
}
# each BASE COMMAND: runs the command with each of our folders in BASE
each() {
  base=$1; shift
  if ours "$base/acupoint-$uid"; then "$@" "$base/acupoint-$uid"; fi
  others "$base" | while IFS= read -r folder; do
    folder=$base/\${folder##*/}
    if ours "$folder"; then "$@" "$folder"; fi
  done
}
${PLACES}
`;

/**
 * $1: places not to try again, one a line; the rest: `architecture=sha256` of each probe. Prints
 * lines of a word and a text: system, machine, uid; `gzip yes` where there is one; `unfit REASON` where an administrator's
 * installation is there that cannot be used; `bad PLACE: REASON` for each place that will not do;
 * and last `installed FILE` or `ready FILE` where the probe is and runs, or `place FILE` where it
 * can be put. Folders in places that are not to be tried again are removed when they are empty.
 */
export const SURVEY = `${CHECKS}
${INSTALLATION_CHECK}
skip=$1; shift
machine=$(uname -m)
printf 'system %s\\nmachine %s\\nuid %s\\n' "$(uname -s)" "$machine" "$uid"
if command -v gzip >/dev/null 2>&1; then echo 'gzip yes'; fi
case "$machine" in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; esac
sum=
for pair in "$@"; do
  case "$pair" in "$machine="*) sum=\${pair#*=} ;; esac
done
[ -n "$sum" ] || exit 0
name=acupoint-probe-$(printf %.16s "$sum")
if installed "$name" "$sum"; then exit 0; fi

# take FOLDER: says whether the probe is there already, or may be put there
take() {
  file=$1/$name
  sweep "$1"
  if [ -e "$file" ] || [ -L "$file" ]; then
    if owned "$file" '-rwx------*' && [ "$(sum_of "$file")" = "$sum" ] &&
      "$file" --version >/dev/null 2>&1 </dev/null
    then
      echo "ready $file"
      return 0
    fi
    error=$(rm -f "$file" 2>&1) || { echo "bad \${1%/*}: \${error##*: }"; return 1; }
  fi
  if [ ! -w "$1" ]; then
    echo "bad \${1%/*}: may not be written"
    leave "$1"
    return 1
  fi
  echo "place $file"
}
# The names of places where somebody else has taken ours, one a line.
taken=
# try PLACE: takes the folder that is called after us
try() {
  base=$1
  made=
  [ -n "$base" ] || return 1
  if [ "$base" = "\${HOME:-}/.cache" ] && [ ! -e "$base" ] && [ ! -L "$base" ]; then
    resolve "$HOME" || { echo "bad $base: is not there"; return 1; }
    if reason=$(exposed "$real"); then echo "bad $base: $reason"; return 1; fi
    if mkdir "$real/.cache" 2>/dev/null; then made=1; fi
  fi
  resolve "$base" || { echo "bad $base: is not there"; return 1; }
  case "$newline$skip$newline" in *"$newline$real$newline"*) each "$real" leave; return 1 ;; esac
  if reason=$(exposed "$real"); then echo "bad $base: $reason"; return 1; fi
  folder=$real/acupoint-$uid
  if [ ! -e "$folder" ] && [ ! -L "$folder" ]; then
    if ! error=$(mkdir "$folder" 2>&1) && [ ! -d "$folder" ]; then
      if [ -n "$made" ]; then rmdir "$real"; fi
      echo "bad $base: \${error##*: }"
      return 1
    fi
    if [ -n "$made" ]; then : > "$folder/.made"; fi
  fi
  if ours "$folder"; then take "$folder"; return; fi
  taken=$taken$real$newline
  return 1
}
# instead PLACE: takes a folder of ours whose name nobody could guess, an earlier one or a new one
instead() {
  found=$(others "$1")
  IFS=$newline
  for folder in $found; do
    IFS=' 	'"$newline"
    folder=$1/\${folder##*/}
    if ours "$folder" && take "$folder"; then return 0; fi
  done
  IFS=' 	'"$newline"
  folder=$(mktemp -d "$1/acupoint-$uid-XXXXXXXXXX" 2>/dev/null)
  if ours "$folder"; then take "$folder"; return; fi
  echo "bad $1: $1/acupoint-$uid belongs to someone else, and no other folder could be made"
  return 1
}
for way in try instead; do
  if [ $way = try ]; then list=$(places); else list=$taken; fi
  IFS=$newline
  for place in $list; do
    IFS=' 	'"$newline"
    if $way "$place"; then exit 0; fi
  done
  IFS=' 	'"$newline"
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
  printf '%s\\n' "$error" >&2
  exit $code
fi
for old in "\${1%/*}"/acupoint-probe-*; do
  case "$old" in "$1" | *.part) ;; *) rm -f "$old" ;; esac
done
`;

/** Prints each path that it removed. */
export const REMOVE = `${CHECKS}
clear() {
  for file in "$1"/acupoint-probe-*; do
    { [ -e "$file" ] || [ -L "$file" ]; } && rm -f "$file" && printf '%s\\n' "$file"
  done
  leave "$1"
}
list=$(places)
IFS=$newline
for place in $list; do
  IFS=' 	'"$newline"
  if resolve "$place"; then each "$real" clear; fi
done
exit 0
`;
