/**
 * The scripts that an administrator runs to install the probe, and to take it away. An
 * administrator reads them first, so they explain themselves. They execute and trust nothing that
 * another user could have put there: the probe comes with the script, is written to a folder that
 * only root can change, and is compared with its checksum there, before it gets any right.
 */
import { shellWord } from '../remote/quote';
import type { ProbeBinary } from './choose';
import { INSTALLATION_FOLDER } from './installation-check';
import { PATH_CHECKS } from './path-checks';
import { commandsOf } from './start';

/**
 * The least with which a probe does all that it can do for processes of others. Bpf and perfmon
 * load and attach the sampler, sys_ptrace reads workers' memory. Syslog gives kernel frames their
 * names where kptr_restrict is 1, or perf_event_paranoid above 1, and nothing that perfmon, which
 * reads kernel memory, does not give. None of them writes to a file, a process or a setting.
 *
 * Checkpoint_restore would open files that an update has replaced below a running worker, but the
 * folder that leads to them is closed to other users without dac_read_search, which reads any file.
 */
const CAPABILITIES = 'cap_bpf,cap_perfmon,cap_sys_ptrace,cap_syslog';

/** The group that is made where none is named. */
const GROUP = 'acupoint';
const RULES = '/etc/sudoers.d/acupoint-probe-';

export interface Grant {
  /** File capabilities for the members of a group, or a rule of sudo for the probe's path alone. */
  readonly by: 'capabilities' | 'sudo';
  /** A name of the host. */
  readonly to: { readonly user: string } | { readonly group: string };
}

/**
 * Whether a host can know a user or group by it, and a script can show it: it stands in lists of
 * names, and before the eyes of an administrator.
 */
export function isAccountName(name: string): boolean {
  return /^[^-+:,\p{C}\p{Z}][^:,\p{C}\p{Zl}\p{Zp}]{0,255}$/u.test(name);
}

/** The beginning of both scripts. */
const HEAD = `
# Nothing is done before the last line was read, so a script that was cut does nothing.
main() {
# Programs are the system's own, whatever the caller's environment says.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin
export PATH
IFS=' 	
'
unset ENV BASH_ENV
die() { printf 'acupoint: %s\\n' "$*" >&2; exit 1; }
uid=$(id -u)
[ "$uid" = 0 ] || die 'This has to be run as root, and did nothing.'
`;

export function installScript(probe: ProbeBinary, { by, to }: Grant): string {
  const { architecture, sha256 } = probe;
  const whom = 'user' in to ? `the user ${plain(to.user)}` : `the group ${plain(to.group)}`;
  const how =
    by === 'sudo'
      ? 'by a rule of sudo for this one path'
      : `with file capabilities, ${CAPABILITIES}`;
  return `#!/bin/sh
# Installs Acupoint's probe for Linux on ${architecture}, so that ${whom}
# may run it ${how}.
# Run it as root: sudo sh THIS-FILE. Running it again changes nothing more.
# \`acupoint install --remove\` prints what takes all of it away.
#
# SHA-256 of the probe: ${sha256}
# Whoever may run it can see what nginx workers and other processes have in memory.
${HEAD}
sum=${sha256}
name=acupoint-probe-${sha256.slice(0, 16)}
user=${'user' in to ? shellWord(to.user) : ''}
group=${'group' in to ? shellWord(to.group) : by === 'sudo' ? '' : GROUP}
machine=$(uname -m)
case "$machine" in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; esac
[ "$machine" = ${architecture} ] || die "This probe is for ${architecture}, and this is $machine."
${PATH_CHECKS}
gid_of() {
  { getent group "$1" 2>/dev/null || grep -F -- "$1:" /etc/group; } |
    while IFS=: read -r each word id rest; do
      if [ "$each" = "$1" ]; then echo "$id"; break; fi
    done
}
# The folder is root's, and so is every folder above it: nobody else can change what it holds.
[ -d ${parentOf(INSTALLATION_FOLDER)} ] || mkdir -m 755 ${parentOf(INSTALLATION_FOLDER)} || exit 1
[ -d ${INSTALLATION_FOLDER} ] || mkdir -m 755 ${INSTALLATION_FOLDER} || exit 1
resolve ${INSTALLATION_FOLDER} || die '${INSTALLATION_FOLDER} cannot be entered.'
why=$(exposed "$real" root) && die "$why, so nothing was installed below it."
case "$real" in *[!A-Za-z0-9/._-]*) die "$real holds characters that sudo needs quoted." ;; esac
chmod 755 "$real" || exit 1

# The probe is written beside its final name. Nobody but root can read or change it there.
file=$real/$name
new=$real/.new.$$
rule=${RULES}\${name#acupoint-probe-}
trap 'rm -f "$new" "$rule.new"; rmdir "$real" 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$new"
payload | base64 -d > "$new" || die 'The probe in this script is damaged. Nothing was installed.'
# Only now it is compared: what is compared is what will be run.
actual=$(sum_of "$new")
[ "$actual" = "$sum" ] ||
  die "The probe has the SHA-256 \${actual:-unknown}, not $sum. Nothing was installed."
${by === 'sudo' ? WHO_BY_SUDO + GRANT_BY_SUDO : WHO_BY_GROUP + GRANT_BY_CAPABILITIES}
trap - EXIT
printf 'SHA-256 %s\\n' "$sum"
}

# The probe, as base64.
payload() {
cat <<'END'
${base64Lines(probe.content)}
END
}

main </dev/null
`;
}

/** The user is named by number: no name needs quoting, and none can stand for more than itself. */
const WHO_BY_SUDO = `
if [ -n "$user" ]; then
  who=$(id -u -- "$user") || die "There is no user $user."
  who="#$who"
else
  who=$(gid_of "$group")
  [ -n "$who" ] || die "There is no group $group."
  who="%#$who"
fi
[ -d /etc/sudoers.d ] || die 'There is no /etc/sudoers.d on this host, so sudo takes no rule.'
command -v visudo >/dev/null || die 'There is no visudo on this host to check the rule with.'
`;

const WHO_BY_GROUP = `
# Capabilities work for whoever may run the file, so a group may, and nobody else.
command -v setcap >/dev/null ||
  die 'There is no setcap on this host: install libcap2-bin or libcap, or use --by sudo.'
if [ -n "$user" ]; then id -u -- "$user" >/dev/null || die "There is no user $user."; fi
gid=$(gid_of "$group")
if [ -z "$gid" ] && [ -n "$user" ]; then
  groupadd -r "$group" 2>/dev/null || addgroup -S "$group" || die "No group $group could be made."
  echo "$group" > "$real/made-group"
  gid=$(gid_of "$group")
fi
[ -n "$gid" ] || die "There is no group $group."
if [ -n "$user" ]; then
  case " $(id -G -- "$user") " in
    *" $gid "*) ;;
    *) usermod -a -G "$group" -- "$user" 2>/dev/null || gpasswd -a "$user" "$group" 2>/dev/null ||
        addgroup "$user" "$group" || die "$user could not be put into the group $group." ;;
  esac
fi
`;

const GRANT_BY_SUDO = `
chown 0:0 "$new" && chmod 755 "$new" && mv -f "$new" "$file" || exit 1
# The rule names each command by which the probe is started, so no other argument is allowed.
{
  echo "# Made by 'acupoint install'. The probe has the SHA-256 $sum."
  if grep -qs '^[^#]*requiretty' /etc/sudoers /etc/sudoers.d/*; then
    echo "Defaults!$file !requiretty"
  fi
  echo "$who ALL=(root) NOPASSWD: ${commandsOf('$file')
    .map((argv) => argv.join(' '))
    .join(', ')}"
} > "$rule.new" || exit 1
# sudo does not read a file with a dot in its name. One with a mistake in it would lock sudo.
chmod 440 "$rule.new" || exit 1
visudo -cqf "$rule.new" || die 'sudo does not take this rule. No rule was made.'
mv -f "$rule.new" "$rule" || exit 1
if [ -n "$user" ] && ! sudo -n -l -U "$user" -- "$file" serve >/dev/null 2>&1; then
  echo "acupoint: sudo does not follow $rule: does /etc/sudoers include /etc/sudoers.d?" >&2
fi
printf 'Installed %s, which %s may run by sudo.\\n' "$file" "\${user:-the group $group}"
`;

const GRANT_BY_CAPABILITIES = `
# A change of owner clears capabilities, so they come last; then it gets its name in one step.
chown 0:"$gid" "$new" && chmod 750 "$new" || exit 1
setcap ${CAPABILITIES}+ep "$new" ||
  die 'This file system or kernel takes no such capabilities. Use --by sudo. Nothing was installed.'
mv -f "$new" "$file" || exit 1
rm -f "$rule"
printf 'Installed %s, which the group %s may run. ' "$file" "$group"
echo 'Whoever was put into it has to sign in again.'
`;

export const REMOVE_INSTALLATION = `#!/bin/sh
# Takes away all that \`acupoint install\` made on this host, of every version.
# Run it as root: sudo sh THIS-FILE.
${HEAD}
rm -f ${RULES}????????????????
# The group goes only where \`acupoint install\` made it.
if [ -f ${INSTALLATION_FOLDER}/made-group ] && grep -qx ${GROUP} ${INSTALLATION_FOLDER}/made-group
then
  groupdel ${GROUP} 2>/dev/null || delgroup ${GROUP} 2>/dev/null
fi
rm -rf ${INSTALLATION_FOLDER} || exit 1
echo 'Removed ${INSTALLATION_FOLDER} and the rules of sudo for it.'
}
main </dev/null
`;

/** The same without the probe itself, to be read. It installs nothing. */
export function forReview(script: string): string {
  return script.replace(
    /(?<=<<'END'\n)[^]*?(?=\nEND\n)/,
    (payload) => `(${payload.length} characters, left out here)`,
  );
}

/** For a comment. */
function plain(name: string): string {
  return name.replace(/[^\w.@\\+-]/g, '?');
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function base64Lines(content: Uint8Array): string {
  return (
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g)
      ?.join('\n') ?? ''
  );
}
