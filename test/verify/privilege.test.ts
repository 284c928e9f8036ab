import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leakProbes } from '../../src/verify/probes/leaks.ts';
import { callAction, labelOf, refuseCalls } from '../../src/verify/probes/privilege/calls.ts';
import { privilegeProbes } from '../../src/verify/probes/privilege.ts';
import type { VerdictName } from '../../src/verify/verdict.ts';
import type { TestHost } from '../rig/host.ts';
import { engineHost } from '../scenarios/exec-jail.ts';
import { scriptedRange } from './scripted.ts';

const calls = ['reboot 0 0 0 null', 'unshare:unshare-user 0x10000000'];

/** What the probe program says of both, each time: to the user, to root, in the jail. */
function refuse(user: string, root: string, inside: string) {
  const said = (text: string) => {
    const [reboot, unshare] = text.split(' ');
    return [`reboot ${reboot}`, ...(unshare ? [`unshare-user ${unshare}`] : []), 'outcome done']
      .map((line) => `${line}\n`)
      .join('');
  };
  return refuseCalls(
    scriptedRange({
      outside: (_, { isolated }) => said(isolated === true ? root : user),
      inside: () => said(inside),
    }),
    calls,
  );
}

describe('system calls that must be refused', () => {
  test('are told to the probe program with commas between them, and known by their labels', () => {
    expect(callAction(calls).join(' ')).toBe(
      'call reboot 0 0 0 null , unshare:unshare-user 0x10000000',
    );
    expect(calls.map(labelOf)).toEqual(['reboot', 'unshare-user']);
  });

  test('are held when user or root gets further outside', async () => {
    expect(await refuse('EPERM done', 'EINVAL', 'EPERM ENOSYS')).toEqual({
      found: 'held',
      evidence:
        'in the jail reboot EPERM, unshare-user ENOSYS; outside reboot EINVAL, unshare-user done',
    });
  });

  test.for([
    ['EPERM done', 'EINVAL', 'EPERM done', 'unshare-user done'],
    ['EPERM done', 'EINVAL', 'EINVAL EPERM', 'reboot EINVAL'],
    // A breach is one, whatever the host itself allows.
    ['EPERM EPERM', 'EPERM EPERM', 'EPERM done', 'unshare-user done'],
  ] as const)('are broken by one that gets further', async ([user, root, inside, evidence]) => {
    expect(await refuse(user, root, inside)).toEqual({
      found: 'broken',
      evidence: `in the jail: ${evidence}`,
    });
  });

  test('prove nothing when not even root gets further, or the kernel has none of them', async () => {
    expect(await refuse('EPERM done', 'EPERM', 'EPERM EPERM')).toEqual({
      found: 'no_control',
      why: 'not even root may do it on this host: reboot EPERM',
    });
    expect(await refuse('ENOSYS ENOSYS', 'ENOSYS ENOSYS', 'EPERM EPERM')).toEqual({
      found: 'no_control',
      why: 'this kernel does not have reboot, unshare-user',
    });
  });

  test('are passed over where the kernel lacks them, and the evidence says so', async () => {
    expect(await refuse('ENOSYS done', 'ENOSYS', 'EPERM EPERM')).toEqual({
      found: 'held',
      evidence:
        'in the jail unshare-user EPERM; outside unshare-user done; this kernel does not have reboot',
    });
  });

  test('are an error when one is not told of, or its process was killed', async () => {
    await expect(refuse('EPERM done', 'EINVAL', 'EPERM')).rejects.toThrow(
      'did not say how unshare',
    );
    await expect(refuse('EPERM done', 'EINVAL', 'EPERM signal-9')).rejects.toThrow('signal-9');
  });
});

type Verdicts = Record<string, { readonly verdict: VerdictName; readonly evidence: string }>;

async function verify(host: TestHost, ...args: readonly string[]): Promise<Verdicts> {
  const { stdout, stderr } = await host.jailctl([
    ...['verify', '--only', 'privilege,leaks', '--json', ...args],
  ]);
  if (!stdout.startsWith('{')) throw new Error(`no report: ${stderr}`);
  const { probes } = JSON.parse(stdout).jails[0];
  return Object.fromEntries(
    probes.map(({ id, verdict, evidence }: { id: string } & Verdicts[string]) => [
      id,
      { verdict, evidence },
    ]),
  );
}

/** Many kernels do not have these; whether this one does is not for jailctl to say. */
const ofSomeKernels = ['privilege/kernel-modules', 'privilege/hardware', 'privilege/x32-calls'];

/** By verdict, without those that only some kernels can prove. */
function otherThanPassed(verdicts: Verdicts): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const [id, { verdict, evidence }] of Object.entries(verdicts)) {
    if (verdict === 'passed') continue;
    if (ofSomeKernels.includes(id) && /does not have/.test(evidence)) continue;
    found[verdict] = [...(found[verdict] ?? []), id];
  }
  return found;
}

const all = [...privilegeProbes, ...leakProbes].map(({ id }) => id);

/** What no engine on Linux itself hides. */
const everywhere = ['leaks/file-lock'];

describe.for(['runc', 'crun', 'chroot'])('with the engine %s', (engine) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await engineHost(engine, 'jails: { web: { users: 2, limits: { processes: 1 } } }\n');
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test('all is held but for known weaknesses, and nothing is left', async () => {
    const objects = () => host.ok(['sh', '-c', 'ipcs -a; ls -A /dev/shm /tmp /srv/web/home/*']);
    const before = await objects();
    const verdicts = await verify(host, '--engine', engine);
    expect(Object.keys(verdicts)).toEqual(all);
    expect(otherThanPassed(verdicts)).toEqual({
      // The host has no other jail.
      not_applicable: ['leaks/file-lock-of-jail'],
      known_weakness:
        engine !== 'chroot'
          ? [...everywhere, 'leaks/host-paths']
          : [
              'privilege/bounding-set',
              'privilege/setuid-file',
              'privilege/perf-events',
              'privilege/userfaultfd',
              'privilege/filtered-calls',
              'privilege/32-bit-calls',
              'leaks/ipc-of-host',
              'leaks/ipc-of-sibling',
              ...everywhere,
              'leaks/host-name',
            ],
    });
    const lines = (text: string) =>
      text.split('\n').filter((line) => /7000[01]|jailctl/.test(line));
    expect(lines(await objects())).toEqual(lines(before));
  });
});

describe('a jail of another maker', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await engineHost('runc', 'jails: {}\n');
    const script = `
      mkdir -p /srv/old/etc /srv/old/home
      groupadd --gid 91000 alice
      useradd --create-home --home-dir /srv/old/home/alice --gid 91000 --uid 91000 alice
      printf 'root:x:0:0::/root:/bin/sh\\nalice:x:91000:91000::/home/alice:/bin/sh\\n' >/srv/old/etc/passwd
      cp -p /etc/shadow /srv/old/etc/shadow`;
    await host.ok(['sh', '-e', '-c', script]);
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test('fails for the accounts and the hashes of the host', async () => {
    const verdicts = await verify(host, '--path', '/srv/old', '--user', 'alice');
    expect(otherThanPassed(verdicts)['failed']).toEqual([
      'leaks/accounts',
      'leaks/password-hashes',
    ]);
    expect(verdicts['leaks/accounts']?.evidence).toBe('/etc/passwd names root');
  });
});
