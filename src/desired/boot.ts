import {
  type BootPart,
  bootHeader,
  type Init,
  scriptAddress,
  serviceAddress,
  startAddress,
} from '../kinds/boot/state.ts';
import { chainName, type FirewallTable, toolsOf } from '../kinds/firewall/table.ts';
import type { Address } from '../model/address.ts';
import { commandDirectories } from '../model/command-directories.ts';
import { bootScript, bootServices, stateDirectory } from '../model/host-paths.ts';

/** How long iptables tools wait for the lock that they share. */
const lockWaitSeconds = 60;

function insertion(rule: string, at: number): string {
  return rule.replace(/^-A OUTPUT /, `-I OUTPUT ${at + 1} `);
}

/**
 * One family: jumps that are there already (somebody else's service may have saved them) are replaced
 * in the transaction that brings the chain, so a packet never meets half a fence. Where that fails,
 * whatever the reason, all packets of the pool are refused by a rule that needs neither chain nor
 * comment.
 */
function familyScript({ family, output, chain }: FirewallTable): string {
  const { save, restore } = toolsOf(family);
  const tool = save.replace('-save', '');
  const owners = output.map((rule) => /--uid-owner (\S+)/.exec(rule)?.[1] ?? '');
  return `
# ${family}
{
  echo '*filter'
  echo ':${chainName} - [0:0]'
  ${save} | sed -n '/^-A OUTPUT .*-j ${chainName}$/s/^-A/-D/p'
  cat <<'RULES'
${[...output.map(insertion), ...chain].join('\n')}
COMMIT
RULES
} | ${restore} --noflush --wait=${lockWaitSeconds} || {
  failed=1
  for owner in ${owners.join(' ')}; do
    ${tool} --wait ${lockWaitSeconds} --insert OUTPUT --match owner --uid-owner "$owner" --jump REJECT
  done
}
`;
}

/** Plain POSIX shell: it runs before most of the system is there. */
function scriptText(tables: readonly FirewallTable[]): string {
  return `#!/bin/sh
${bootHeader}
# Puts the packet rules of all jail users in force, also where they are already.
PATH=${commandDirectories.join(':')}
export PATH LC_ALL=C
failed=0
${tables.map(familyScript).join('')}
if [ $failed = 1 ]; then
  echo 'jailctl: rules could not be restored; jail users are cut from the network: run jailctl apply' >&2
  exit 1
fi
`;
}

/**
 * Before the network (systemd.special(7), network-pre.target), after services that load whole rule
 * sets, which would take the fence away again, and before those that start programs of users.
 */
const unitText = `${bootHeader}
[Unit]
Description=Packet rules of the users of jails
DefaultDependencies=no
RequiresMountsFor=${stateDirectory}
After=local-fs.target systemd-modules-load.service netfilter-persistent.service nftables.service ufw.service iptables.service ip6tables.service
Before=network-pre.target cron.service crond.service atd.service ssh.service sshd.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${bootScript}
StandardError=journal+console

[Install]
WantedBy=multi-user.target
`;

/** The header of the Linux Standard Base, for insserv(8). */
const initScript = `#!/bin/sh
${bootHeader}
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
  'this host has neither systemd nor /etc/rcS.d: after a reboot nothing fences jail users until jailctl apply runs';

const root = { uid: 0, gid: 0 } as const;

/**
 * What puts the fence up at boot, as long as there are jails.
 * @param tables the fence that is to stand
 */
export function desiredBoot(
  tables: ReadonlyMap<Address, FirewallTable>,
  init: Init | undefined,
): ReadonlyMap<Address, BootPart> {
  if (tables.size === 0 || init === undefined) return new Map();
  const { service, start, target } = bootServices[init];
  const script = scriptText([...tables.values()]);
  const [text, mode] = init === 'systemd' ? [unitText, 0o644] : [initScript, 0o755];
  return new Map<Address, BootPart>([
    [scriptAddress, { type: 'file', path: bootScript, text: script, mode: 0o700, ...root }],
    [serviceAddress, { type: 'file', path: service, text, mode, ...root }],
    [startAddress, { type: 'link', path: start, target }],
  ]);
}
