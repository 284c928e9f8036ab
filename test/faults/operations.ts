import { manifestPath } from '../scenarios/jails.ts';

/** A run of jailctl that is cut. Everything before it is the same each time. */
export interface Operation {
  readonly name: string;
  /** What is applied before; absent: there are no jails. */
  readonly from?: string;
  /** The manifest afterwards. */
  readonly to: string;
  /** Shell text, run before the operation and after `from` was applied. */
  readonly change: string;
  /** The command line of jailctl. */
  readonly args: readonly string[];
  /** Homes that the operation deletes: each is there whole, or an archive of it is. */
  readonly archived: readonly string[];
}

/** Every jail user has a UID in this range, and nobody else. */
export const pool = { first: 78_000, last: 78_099 };

export const archiveDirectory = '/var/archive';

const manifest = (text: string) => `uids: ${pool.first}-${pool.last}\njails:\n${text}`;

/** Few files each, so that a run has few points; no network, so that no certificates come. */
const small = manifest(`  web: { users: 1, tools: [sh] }
  judge: { users: 1, tools: [/opt/tool] }
`);

/** Both jails have `/opt/extra`, and share it. */
const big = manifest(`  web: { users: 2, tools: [sh, /opt/extra] }
  judge: { users: 1, tools: [/opt/tool, /opt/extra] }
`);

const other =
  manifest(`  web: { users: 2, tools: [sh, /opt/extra], limits: { processes: 9 }, env: { A: b } }
  judge: { users: 1, tools: [/opt/tool, /opt/extra], network: { allow: [], policy: drop } }
`);

const smallest = manifest('  web: { users: 1, tools: [sh] }\n');

/** The host before everything: tools of its own, and rules, accounts and limits of others. */
export const prepareHost = `
  mkdir -p /opt
  # They come with a network, and each would be a point like the one before.
  rm -rf /etc/ssl/certs
  useradd --uid 1500 --no-create-home --comment 'nobody of ours' bystander
  for t in iptables ip6tables; do
    $t --append INPUT --jump RETURN
    $t --append OUTPUT --match owner --uid-owner 1500 --jump RETURN
  done
  echo '* soft core 0' >/etc/security/limits.d/mine.conf`;

/** Before each point, and after it. Without the journal, users get the same UIDs each time. */
export const resetTools = `
  echo one >/opt/tool; touch --date=@1700000000 /opt/tool
  echo more >/opt/extra; touch --date=@1700000000 /opt/extra
  rm -rf ${archiveDirectory} /var/log/jailctl`;

/** A process of each jail user, and data in each home. */
const tenants = `
  for home in /web/home/* /judge/home/*; do
    user=\${home##*/}
    echo "data of $user" >"$home/data"
    chown "$user:$user" "$home/data"
    setpriv --reuid="$user" --regid="$user" --clear-groups -- sleep 1000 >/dev/null 2>&1 </dev/null &
  done`;

const apply = ['apply', '--yes', '--file', manifestPath];
const loseHomes = ['--destroy-data', '--archive', archiveDirectory];

export const operations: readonly Operation[] = [
  { name: 'create', to: small, change: '', args: apply, archived: [] },
  { name: 'grow', from: small, to: big, change: tenants, args: apply, archived: [] },
  {
    name: 'update',
    from: big,
    to: other,
    change: `${tenants}\n echo two >/opt/tool; echo lots >/opt/extra; chmod 0777 /web/usr; rm /web/usr/bin/sh; sed -i '/^web2:/s|[^:]*$|/bin/false|' /etc/passwd`,
    args: apply,
    archived: [],
  },
  {
    name: 'shrink',
    from: big,
    to: smallest,
    change: tenants,
    args: [...apply, ...loseHomes],
    archived: ['/web/home/web2', '/judge/home/judge1'],
  },
  {
    name: 'destroy',
    from: small,
    to: small,
    change: tenants,
    args: ['destroy', '--yes', ...loseHomes],
    archived: ['/web/home/web1', '/judge/home/judge1'],
  },
];

/** @throws Error for a name that no operation has */
export function operation(name: string): Operation {
  const found = operations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no such operation: ${name}`);
  return found;
}
