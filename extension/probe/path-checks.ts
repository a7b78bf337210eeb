/**
 * POSIX sh that tells who could change what stands at a path. A probe may run as root, so the
 * folder that holds it does not suffice: whoever may rename a folder further up puts another one
 * in its place. Every folder up to / is looked at, on the path that remains when links are
 * resolved, and that path is the one to use from there on.
 */

/** Expects `uid`: who runs the script. */
export const PATH_CHECKS = `
LC_ALL=C; export LC_ALL
umask 077
unset CDPATH
newline='
'
# resolved FOLDER: prints its path without links, and a dot, which keeps newlines at its end
resolved() {
  case "$1" in /*) ;; *) return 1 ;; esac
  cd -P "$1" 2>/dev/null && pwd -P && printf .
}
# resolve FOLDER: sets real to its path without links
resolve() {
  real=$(resolved "$1") || return 1
  real=\${real%"$newline".}
  # POSIX leaves it open what two leading slashes mean.
  while :; do case "$real" in //*) real=\${real#/} ;; *) break ;; esac; done
}
# exposed FOLDER: says why others than root and us could change what stands in it; FOLDER holds no
# links. With a second argument only root may be able to, and not us either.
exposed() {
  only=$2
  up=\${1%/}
  while :; do
    set -f
    set -- $(ls -ldn "$up/" 2>/dev/null)
    set +f
    case "$3:$only" in
      0:* | "$uid:") ;;
      *) echo "\${up:-/} belongs to user \${3:-unknown}"; return 0 ;;
    esac
    case "$1:$only" in
      d????-??-*) ;;
      d????????[tT]*:) ;;
      *) echo "other users may write to \${up:-/}"; return 0 ;;
    esac
    [ -n "$up" ] || return 1
    up=\${up%/*}
  done
}
# sum_of FILE: prints its SHA-256, nothing where there is no sha256sum
sum_of() {
  found=$(sha256sum < "$1" 2>/dev/null) && printf %s "\${found%% *}"
}
`;
