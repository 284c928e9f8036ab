import { type BootPart, scriptAddress, serviceAddress, startAddress } from '../kinds/boot/state.ts';
import { insertion } from '../kinds/firewall/rule.ts';
import {
  chainName,
  type FirewallTable,
  lockWaitSeconds,
  toolsOf,
} from '../kinds/firewall/table.ts';
import type { Address } from '../model/address.ts';
import { commandDirectories } from '../model/command-directories.ts';
import { bootScript, bootServices, stateDirectory } from '../model/host-paths.ts';
import { ownHeader } from '../model/own-header.ts';
import type { HostFacts } from './host-facts.ts';

/**
 * Jumps that are there already (somebody else's service may have saved them) are replaced in the
 * transaction that brings the chain, so a packet never meets half a fence. Where that fails,
 * whatever the reason, the chain drops all: that needs few modules of the kernel, no rule is
 * removed for it, and the next apply finds it as any other drift.
 */
const functions = String.raw`
open=0
failed=0

# restore TOOL UIDS: the rules are on stdin.
restore() {
  rules=$(cat)
  {
    echo '*filter'
    echo ':${chainName} - [0:0]'
    "$1-save" | sed -n '/^\*filter$/,/^COMMIT$/s/^-A \(OUTPUT .*-j ${chainName}\) *$/-D \1/p'
    printf '%s\n' "$rules" COMMIT
  } | "$1-restore" --noflush --wait=${lockWaitSeconds} && return
  failed=1
  "$1" --wait ${lockWaitSeconds} --new-chain ${chainName} 2>/dev/null
  "$1" --wait ${lockWaitSeconds} --insert ${chainName} --match comment --comment jailctl --jump DROP || open=1
  for uids in $2; do
    "$1" --wait ${lockWaitSeconds} --insert OUTPUT --match owner --uid-owner "$uids" \
      --match comment --comment jailctl --jump ${chainName} || open=1
  done
}
`;

function familyScript({ family, output, chain }: FirewallTable): string {
  const tool = toolsOf(family).save.replace('-save', '');
  const uids = output.map((rule) => /--uid-owner (\S+)/.exec(rule)?.[1] ?? '');
  return `
restore ${tool} '${uids.join(' ')}' <<'RULES'
${[...output.map(insertion), ...chain].join('\n')}
RULES
`;
}

/** Plain POSIX shell: it runs before most of the system is there. */
function scriptText(tables: readonly FirewallTable[]): string {
  return `#!/bin/sh
${ownHeader}
# Puts the packet rules of all jail users in force, also where they are already.
PATH=${commandDirectories.join(':')}
export PATH LC_ALL=C
${functions}${tables.map(familyScript).join('')}
if [ $open = 1 ]; then
  echo 'jailctl: JAIL USERS CAN REACH THE NETWORK: their packet rules could not be restored: run jailctl apply' >&2
elif [ $failed = 1 ]; then
  echo 'jailctl: rules could not be restored; jail users are cut from the network: run jailctl apply' >&2
fi
exit $failed
`;
}

/** What starts programs of users, where not even sysinit.target waits for the rules. */
const usersStart =
  'systemd-user-sessions.service cron.service crond.service atd.service ssh.service sshd.service';

/**
 * Before the network (systemd.special(7), network-pre.target) and before every ordinary service:
 * these wait for sysinit.target (systemd.service(5), default dependencies). After services that load
 * whole rule sets, which would take the fence away again.
 * @param lateLoaders those of them that are ordinary services: the rules have to wait for them, and
 *   what starts programs of users for the rules
 */
function unitText(lateLoaders: readonly string[]): string {
  const loaders = ['netfilter-persistent.service', 'nftables.service', 'ufw.service'];
  const after = [...new Set([...loaders, ...lateLoaders])].join(' ');
  const before = lateLoaders.length === 0 ? 'sysinit.target' : usersStart;
  return `${ownHeader}
[Unit]
Description=Packet rules of the users of jails
DefaultDependencies=no
RequiresMountsFor=${stateDirectory}
After=local-fs.target systemd-modules-load.service ${after}
Before=network-pre.target ${before} shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${bootScript}
StandardError=journal+console

[Install]
WantedBy=sysinit.target
`;
}

/** The header of the Linux Standard Base, for insserv(8). */
const initScript = `#!/bin/sh
${ownHeader}
### BEGIN INIT INFO
# Provides:          jailctl-rules
# Required-Start:    $local_fs
# Required-Stop:
# X-Start-Before:    networking
# Default-Start:     S
# Default-Stop:
# Short-Description: Packet rules of the users of jails
### END INIT INFO
case \${1:-start} in
  start | restart | force-reload) exec /bin/sh ${bootScript} ;;
esac
`;

/** The warning where nothing starts anything at boot. */
export const noInit =
  'this host has neither systemd nor /etc/rcS.d with update-rc.d: after a reboot nothing fences jail users until jailctl apply runs';

const root = { uid: 0, gid: 0 } as const;

/**
 * What puts the fence up at boot, as long as there are jails.
 * @param tables the fence that is to stand
 */
export function desiredBoot(
  tables: ReadonlyMap<Address, FirewallTable>,
  { init, lateLoaders }: HostFacts,
): ReadonlyMap<Address, BootPart> {
  if (tables.size === 0 || init === undefined) return new Map();
  const { service, start, target } = bootServices[init];
  const script = scriptText([...tables.values()]);
  const [text, mode] = init === 'systemd' ? [unitText(lateLoaders), 0o644] : [initScript, 0o755];
  return new Map<Address, BootPart>([
    [scriptAddress, { type: 'file', path: bootScript, text: script, mode: 0o700, ...root }],
    [serviceAddress, { type: 'file', path: service, text, mode, ...root }],
    [startAddress, { type: 'link', path: start, target }],
  ]);
}
