# Which Debian and Ubuntu packages each role needs. Sourced by scripts/setup.sh.
#
# One line a package: role, package, and the commands that do instead of it (found on PATH or in /usr/sbin), if any.
# A "?" after the package: taken where the distribution has it, never missed.
package_table() {
  cat <<'TABLE'
build   clang
build   llvm                          llvm-strip
build   bpftool                       bpftool
build   libbpf-dev
build   libelf-dev
build   zlib1g-dev
build   nanopb
build   libnanopb-dev
build   protobuf-compiler             protoc
build   make                          make
build   gcc                           gcc
build   g++                           g++
build   python3                       python3
build   clang-format                  clang-format
build   libclang-rt-dev?
run     nginx
run     libnginx-mod-http-lua
run     lua-resty-core
run     lua-cjson
run     luajit2?
run     openssh-server
run     openssh-client                ssh
run     sudo                          sudo
run     libcap2-bin                   setcap
run     wrk?                          wrk
browser chromium                      chromium chromium-browser google-chrome google-chrome-stable
browser fonts-dejavu-core
kernels qemu-system-x86               qemu-system-x86_64
kernels qemu-system-arm               qemu-system-aarch64
kernels cpio                          cpio
kernels zstd                          zstd
kernels debian-archive-keyring
kernels gcc-aarch64-linux-gnu?
kernels libc6-dev-arm64-cross?
TABLE
}

has_command() {
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

# Prints the packages of the roles given that are missing here.
missing_packages() {
  local role package commands
  local -A installed=()
  while read -r package; do installed[$package]=1; done < <(
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p'
  )
  while read -r role package commands; do
    case " $* " in *" $role "*) ;; *) continue ;; esac
    [ -n "${installed[${package%\?}]:-}" ] && continue
    is_replaced "$package" "$commands" && continue
    echo "$package"
  done < <(package_table)
}

is_replaced() {
  local command
  if [ "$1" = chromium ] && [ -n "${CHROME_BIN:-}" ] && [ -x "$CHROME_BIN" ]; then return 0; fi
  for command in $2; do
    has_command "$command" || continue
    # Ubuntu's chromium-browser is a note that points to a snap, unless the snap is there.
    if [ "$command" = chromium-browser ] && ! chromium-browser --version >/dev/null 2>&1; then
      continue
    fi
    return 0
  done
  return 1
}

# Without a pipe: grep -q would leave early and pipefail would take that for a failure.
has_candidate() {
  local policy
  policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)
  [[ $policy =~ Candidate:\ [^\(] ]]
}

# Turns package names into what this distribution calls them; names what it does not have on stderr.
# Returns 1 if something that is needed cannot be had.
available_packages() {
  local package failed=0
  for package in "$@"; do
    if has_candidate "${package%\?}"; then
      if [ "$package" = chromium ] && is_snap_stub chromium; then
        explain_chromium
        failed=1
      else
        echo "${package%\?}"
      fi
      continue
    fi
    case $package in
      *\?) ;;
      bpftool)
        # Before it had a package of its own, Ubuntu shipped it with the kernel's tools.
        if has_candidate linux-tools-generic; then
          echo linux-tools-common
          echo linux-tools-generic
        else
          echo "bpftool: this distribution has no package of that name." >&2
          failed=1
        fi
        ;;
      chromium)
        explain_chromium
        failed=1
        ;;
      *)
        echo "$package: this distribution has no package of that name (on Ubuntu, enable 'universe')." >&2
        failed=1
        ;;
    esac
  done
  return $failed
}

is_snap_stub() {
  [[ $(LC_ALL=C apt-cache depends "$1" 2>/dev/null) == *'Depends: snapd'* ]]
}

explain_chromium() {
  echo "chromium: a snap on this distribution, which cannot be installed without asking snapd." >&2
  echo "  Install Chromium or Google Chrome yourself (snap install chromium), or set CHROME_BIN." >&2
}
