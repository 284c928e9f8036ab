import { afterAll, beforeAll, expect, test } from 'vitest';
import { injection } from '../faults/harness.ts';
import { type Point, pointName, pointsOf, tracedCalls } from '../faults/points.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath } from './cli.ts';
import { shell } from './jails.ts';

const manifest = '/run/wanted.yaml';
const adopt = ['import', '--adopt', '--yes', '--file', manifest] as const;
const log = '/run/trace';

/** How many points are tried; JAILCTL_FAULTS=all tries each. */
const wanted = process.env['JAILCTL_FAULTS'] ?? '6';

/** A jail of two users as the old scripts left it, without Jailkit: it has to be made often. */
const old = `
  rm -rf /srv/web /run/made; mkdir -p /srv/web/home /srv/web/usr/bin
  cp --preserve=timestamps /bin/true /srv/web/usr/bin/true
  printf '#!/bin/sh\\necho booted\\n' >/etc/rc.local; chmod 0755 /etc/rc.local
  for number in 1 2; do
    user=web$number
    useradd --no-create-home --home /srv/web/./home/$user --uid 120$number $user
    install -d -o $user -g $user -m 0700 /srv/web/home/$user
    echo precious >/srv/web/home/$user/work; chown $user: /srv/web/home/$user/work
    iptables -A OUTPUT -m owner --uid-owner $user -j DROP
    echo "iptables -A OUTPUT -m owner --uid-owner $user -j DROP" >>/etc/rc.local
  done`;

const homes = `cd /srv/web/home && find . -mindepth 1 -printf '%p %y %m %U:%G %s %T@\\n' | sort
  cat web1/work web2/work`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await host.write(
    manifest,
    'version: 1\njails:\n  web: { path: /srv/web, users: 2, tools: [/usr/bin/true] }\n',
  );
});
afterAll(() => host?.[Symbol.asyncDispose]());

/** Runs the adoption under strace(1). */
function traced([strace, ...options]: readonly string[]) {
  return host.run([strace as string, ...options, process.execPath, jailctlPath, ...adopt]);
}

/** Rules that refuse what a user sends over IPv4: its own, or the fence's. */
async function isFenced(uid: number): Promise<boolean> {
  const rules = await shell(host, 'iptables-save');
  const own = rules.includes(`-A OUTPUT -m owner --uid-owner ${uid} -j DROP`);
  const fence = rules.includes('-A OUTPUT -m owner --uid-owner 1201-1202 ');
  return own || (fence && /^-A JAILCTL (?!-p).* -j REJECT/m.test(rules));
}

async function must(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.jailctl(args);
  if (exitCode === 0) return stdout;
  throw new Error(`jailctl ${args.join(' ')} exits with ${exitCode}\n${stdout}${stderr}`);
}

/** Takes everything away, and expects that nothing is left. */
async function end(): Promise<void> {
  await must('destroy', '--yes', '--destroy-data');
  const left = `
    ls -d /srv/web /srv/.jailctl* /var/lib/jailctl /etc/*.jailctl-new 2>/dev/null || true
    grep -hE '^web[12]:' /etc/passwd /etc/shadow /etc/group /etc/gshadow || true
    iptables-save | grep -E 'uid-owner|JAILCTL' || true; ip6tables-save | grep JAILCTL || true`;
  expect(await shell(host, left)).toBe('');
}

/** Where jailctl changes the host while it takes the jail over, or waits for a tool that does. */
async function points(): Promise<readonly Point[]> {
  await shell(host, old);
  const trace = ['strace', '-ff', '-y', '-qq', '-o', log, '-e', `trace=${tracedCalls.join(',')}`];
  const whole = await traced([...trace, '--']);
  expect(whole.exitCode, whole.stderr).toBe(0);
  const first = `cat "$(ls ${log}.* | sort --field-separator=. --key=2 --numeric-sort | head -n 1)"`;
  const all = pointsOf(await shell(host, first));
  await end();
  expect(all.length).toBeGreaterThan(40);
  if (wanted === 'all') return all;
  const step = all.length / Number(wanted);
  return all.filter((_, index) => Math.floor(index % step) === Math.floor(step / 2));
}

test('killed anywhere, a jail is fenced and whole, and is taken over by the next run', async () => {
  let cut = 0;
  for (const point of await points()) {
    const at = `${pointName(point)}: ${point.text}`;
    await shell(host, old);
    const before = await shell(host, homes);
    const { exitCode } = await traced(injection(point, { signal: 'KILL' }));
    if (exitCode !== 0) cut += 1;
    for (const uid of [1201, 1202]) expect(await isFenced(uid), at).toBe(true);
    expect(await shell(host, homes), at).toBe(before);
    await must(...adopt);
    const plan = await must('plan', '--file', manifest);
    expect(plan, at).toMatch(/^Nothing to do/);
    expect(await shell(host, homes), at).toBe(before);
    expect(await host.read('/etc/rc.local')).toBe('#!/bin/sh\necho booted\n');
    await end();
  }
  expect(cut).toBeGreaterThanOrEqual(wanted === 'all' ? 40 : Number(wanted) - 1);
}, 0);
