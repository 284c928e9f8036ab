import { expect } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { enter } from '../rig/ledger.ts';
import { requirement } from './cli.ts';
import { manifestPath, shell, writeManifest } from './jails.ts';
import { type Attack, attack, attacks, canaries } from './tenants.ts';

export const applying = ['apply', '--yes', '--destroy-data', '--file', manifestPath] as const;
export const destroying = ['destroy', '--yes', '--destroy-data', '--jail', 'w'] as const;

/** No command may take longer, whatever tenants do: else it is killed, and the test fails. */
export const bounded = { timeoutMs: 120_000 };

/** Of the user x1: three users of the jail w are made before it, and the others after. */
export const uidOfOther = 79_003;

/** The UID of a user of the jail w. */
const uidOf = (number: number) => 78_999 + number + (number > 3 ? 1 : 0);

/** The jail w, whose users are hostile, and the jail x beside it. */
export const jails = (users: number, tools: readonly string[] = [], python = false) => `
root: /srv
uids: 79000-79999
jails:
  w:
    users: ${users}
    home: fresh
    tools: [${['sh', ...tools].join(', ')}]
    ${python ? `requirements: [${requirement('python3')}]` : ''}
  x: { users: 1, tools: [] }
`;

/** Runs jailctl, which must come to an end and work. @returns what it printed */
export async function run(host: TestHost, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.jailctl(args, bounded);
  if (exitCode === 0) return stdout;
  throw new Error(`jailctl ${args.join(' ')} ended with ${exitCode}\n${stdout}${stderr}`);
}

/**
 * A host with these jails on a file system of their own, whose room and inodes tenants can use up.
 * @param options of mount(8), for a tmpfs
 */
export async function jailHost(options: string, manifest: string): Promise<TestHost> {
  const host = await testHost({ cgroups: true });
  await shell(host, `mount -t tmpfs -o mode=0755,${options} none /srv`);
  await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
  await writeManifest(host, manifest);
  await run(host, applying);
  return host;
}

/** A tenant that sees the whole host, which is more than any jail gives it. */
export const free = (host: TestHost, number: number, chosen: readonly Attack[] = attacks) =>
  attack(host, {
    ...{ uid: uidOf(number), home: `/srv/w/home/w${number}` },
    ...{ outside: '/srv/outside', attacks: chosen },
  });

/** A tenant that sees its jail alone; its links lead to the jail's own files. */
export const jailed = (host: TestHost, number: number, chosen: readonly Attack[] = attacks) =>
  attack(host, {
    ...{ uid: uidOf(number), root: '/srv/w', home: `/home/w${number}` },
    ...{ outside: '/etc', attacks: chosen },
  });

/** A tenant at work in the home of another one, which is open to it. */
export const neighbour = (host: TestHost, number: number, of: number, chosen: readonly Attack[]) =>
  attack(host, {
    ...{ uid: uidOf(number), home: `/srv/w/home/w${of}` },
    ...{ outside: '/srv/outside', attacks: chosen },
  });

/** Whatever there is of the jail w and its users. */
export const remains = `
  find /srv -maxdepth 1 -name '*w'
  sed -n '/^w[0-9]*:/p' /etc/passwd /etc/group /etc/shadow /etc/gshadow
  ps -e -o uid=,pid=,args= | awk '$1 >= 79000 && $1 < 79999 && $1 != ${uidOfOther}'`;

/** Compares the canaries with what they were, and counts. */
async function expectUntouched(
  host: TestHost,
  count: number,
  before: readonly string[],
): Promise<void> {
  const after = await canaries(host);
  const changed = before.filter((line) => !after.includes(line)).length;
  const counts = { operations: 1, attacks: count, canaries: before.length };
  enter('attacks', { ...counts, 'canaries changed': changed });
  expect(before.length).toBeGreaterThan(20);
  expect(after).toEqual(before);
}

/**
 * Does something while tenants are at work; then every canary must be as it was, also when it failed.
 * @param count of attacks that go on
 */
export async function survives<T>(
  host: TestHost,
  count: number,
  operation: () => Promise<T>,
): Promise<T> {
  const before = await canaries(host);
  try {
    return await operation();
  } finally {
    await expectUntouched(host, count, before);
  }
}
