import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath } from './cli.ts';
import { preferCrun } from './exec-jail.ts';
import type { Tally } from './run-killer.ts';

/** How many runs there are with each runtime: JAILCTL_KILLED_RUNS=500 takes a minute and a half. */
const runs = Number(process.env['JAILCTL_KILLED_RUNS'] ?? 50);
/** The same seed has the same parts killed at the same moments; what they were doing may differ. */
const seed = Number(process.env['JAILCTL_KILLED_SEED'] ?? 20260124);

const killer = fileURLToPath(new URL('run-killer.ts', import.meta.url));

const manifest = `version: 1
root: /srv
uids: 79000-79999
jails:
  many:
    users: 8
    tools: [sh, sleep, mv]
    limits: { processes: 8, memory: 64MiB, wall_time: 20s, cpu_time: 10s }
`;

/** Whatever a run could leave, a line each. */
const traces = `
  find /dev/shm /run -path /run/jailctl-throwaway -prune -o -print
  find /sys/fs/cgroup -type d
  findmnt --list --noheadings --output=TARGET,FSTYPE
  ps -e -o uid=,comm=,args= | grep -E '^ *79|[j]ailctl-(janitor|init|launch)|[r]unc|[c]run'
  ipcs -a | grep ' 79'
  grep '^79' /proc/key-users
  true`;

const isHome = (path: string) => path.startsWith('/srv/many/home/');

/** What is there, and which files are not as on the real host. */
async function seen(host: TestHost): Promise<readonly string[]> {
  const lines = (await host.ok(['sh', '-c', traces])).split('\n');
  const changed = host.changedPaths().map(({ path }) => path);
  return [...lines, ...changed.filter((path) => !isHome(path))].sort();
}

describe.for(['runc', 'crun'])(`${runs} runs by %s, killed with the seed ${seed},`, (runtime) => {
  let host: TestHost;
  let before: readonly string[];
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await host.write('/srv/jails.yaml', manifest);
    const applied = await host.jailctl(['apply', '--yes', '-f', '/srv/jails.yaml']);
    expect(applied.exitCode).toBe(0);
    if (runtime === 'crun') await preferCrun(host);
    before = await seen(host);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test('neither hang nor meet what an earlier run left', { timeout: runs * 5000 }, async () => {
    const argv = [process.execPath, killer, process.execPath, jailctlPath, `${seed}`, `${runs}`];
    const printed = await host.ok(argv as [string, ...string[]]);
    const tally = JSON.parse(printed) as Tally;
    expect(tally.complaints).toEqual([]);
    // Else the moments are not those at which anything is there.
    expect(Object.keys(tally.killed).length, printed).toBeGreaterThanOrEqual(5);
    if (process.env['JAILCTL_KILLED_RUNS'] !== undefined) process.stderr.write(printed);
  });

  test('leave every user free, and nothing else once each has run again', async () => {
    const janitors = () => host.ok(['sh', '-c', 'ps -e -o args= | grep [j]ailctl-janitor; true']);
    await expect.poll(janitors, { timeout: 10_000 }).toBe('');
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const again = await host.jailctl(['exec', `many/many${number}`, '--', 'sh', '-c', 'echo hi']);
      expect(again).toMatchObject({ exitCode: 0, stdout: 'hi\n' });
    }
    expect(await seen(host)).toEqual(before);
  });
});
