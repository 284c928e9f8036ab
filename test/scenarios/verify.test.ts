import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { exampleManifest, jailctlPath } from './cli.ts';
import { leftovers, preferCrun } from './exec-jail.ts';
import { linesOf, type VerdictDocument, verdictsOf, verifyDocument } from './verify-document.ts';

/** The jail of the example, and one beside it. */
const manifest = `${readFileSync(exampleManifest, 'utf8')}
  beside:
    users: 1
    tools: [ls]
`;

async function exampleHost(engine: string): Promise<TestHost> {
  const host = await testHost({ cgroups: true });
  if (engine === 'crun') await preferCrun(host);
  const requirements = jailctlPath.replace('dist/jailctl.js', 'requirements');
  await host.ok(['cp', '-r', requirements, '/srv']);
  await host.write('/srv/jails.yaml', manifest);
  await host.ok([process.execPath, jailctlPath, 'apply', '--yes', '--file', '/srv/jails.yaml']);
  return host;
}

/** Whatever a verification could leave. Homes are the tenants', and what is in them is looked at. */
async function stateOf(host: TestHost) {
  const script = `
    find /run /dev/shm -path /run/jailctl-throwaway -prune -o -print
    find /jail /beside -printf '%p %y %m %U:%G %l %s\\n' | grep -v '^/[a-z]*/.jailctl'
    find /sys/fs/cgroup -type d
    ip -brief link; ip -brief address; ip route; ip -6 route`;
  return {
    ...(await host.snapshot(['/etc/security'])),
    changed: host.changedPaths().map(({ path }) => path),
    seen: (await host.ok(['sh', '-c', script])).split('\n').sort(),
    left: await leftovers(host, 70_000),
  };
}

const hasFailed = ({ verdict }: VerdictDocument) => verdict === 'failed';
const wentWrong = ({ went_wrong }: VerdictDocument) => went_wrong;

/** The whole verification of the example by this engine. */
function verification(engine: string) {
  const run = {} as { host: TestHost; before: unknown; ended: CommandResult };
  beforeAll(async () => {
    run.host = await exampleHost(engine);
    run.before = await stateOf(run.host);
    run.ended = await run.host.jailctl(['verify', '--jail', 'jail', '--engine', engine, '--json'], {
      timeoutMs: 120_000,
    });
  }, 180_000);
  afterAll(() => run.host?.[Symbol.asyncDispose]());

  test('tries every probe, and none goes wrong', () => {
    const verdicts = verdictsOf(run.ended);
    expect(verdicts.length).toBeGreaterThan(100);
    expect(linesOf(verdicts, wentWrong)).toEqual([]);
    expect(verifyDocument(run.ended).jails).toMatchObject([{ jail: 'jail', engine }]);
  });

  test('proves more than it leaves open, and says why it does', () => {
    const verdicts = verdictsOf(run.ended);
    const passed = verdicts.filter(({ verdict }) => verdict === 'passed');
    const open = verdicts.filter(({ verdict }) => verdict !== 'passed');
    expect(passed.length).toBeGreaterThan(verdicts.length / 2);
    expect(open.filter(({ evidence }) => evidence.length < 10)).toEqual([]);
  });

  test('leaves the host as it was', async () => {
    expect(await stateOf(run.host)).toEqual(run.before);
    const plan = await run.host.jailctl([
      ...['plan', '--detailed-exitcode', '--file', '/srv/jails.yaml'],
    ]);
    expect(plan).toMatchObject({ exitCode: 0 });
  });
  return run;
}

describe.for(['runc', 'crun'])('verify by %s', (engine) => {
  const run = verification(engine);

  test('finds nothing in the example', () => {
    expect(linesOf(verdictsOf(run.ended), hasFailed)).toEqual([]);
    expect(run.ended.exitCode).toBe(0);
  });
});

/** What was measured by hand: each way out, or into others, that plain chroot leaves open. */
const openInChroot = [
  'files/directory-from-sibling',
  'files/directory-from-neighbour',
  'processes/kill-outside',
  'processes/trace-outside',
  'processes/number-outside',
  'network/abstract-host',
  'network/abstract-sibling',
  'network/io-uring',
  'privilege/filtered-calls',
  'privilege/userfaultfd',
  'leaks/ipc-of-host',
  'leaks/ipc-of-sibling',
  'leaks/host-name',
  'terminal/tiocsti',
];

describe('verify by chroot', () => {
  const run = verification('chroot');

  test('finds what chroot is known to leave open, and nothing else', () => {
    expect(linesOf(verdictsOf(run.ended), hasFailed)).toEqual([]);
    expect(run.ended.exitCode).toBe(0);
  });

  test('never calls it passed', () => {
    const found = verdictsOf(run.ended).filter(({ id }) => openInChroot.includes(id));
    expect(found.map(({ id, verdict }) => `${id} ${verdict}`).sort()).toEqual(
      openInChroot.map((id) => `${id} known_weakness`).sort(),
    );
  });
});
