import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { engineHost } from '../scenarios/exec-jail.ts';

/** As much of the document of `verify --json` as is looked at here. */
interface Document {
  readonly jails: readonly {
    readonly probes: readonly {
      readonly id: string;
      readonly verdict: string;
      readonly evidence: string;
      readonly went_wrong: boolean;
    }[];
  }[];
}

/** A jail with nothing in it but what jailctl puts there itself. */
const bare = 'jails:\n  bare: { users: 2, tools: [] }\n';

async function verify(host: TestHost, engine: string, only: string) {
  const { stdout, stderr } = await host.jailctl([
    ...['verify', '--engine', engine, '--only', only, '--json'],
  ]);
  if (!stdout.startsWith('{')) throw new Error(`no document: ${stdout}${stderr}`);
  const { jails }: Document = JSON.parse(stdout);
  const probes = jails.flatMap((jail) => jail.probes);
  return {
    probes,
    withVerdict: (verdict: string) =>
      probes.filter((one) => one.verdict === verdict).map(({ id }) => id),
    wentWrong: probes.filter((one) => one.went_wrong),
  };
}

/** What a host may lack: CAP_SYS_RESOURCE for root, and processors that are out of bounds. */
const lacking = ['processes/lower-oom-score', 'processes/affinity'];

describe.for(['runc', 'crun'])('processes and terminals of a run by %s', (engine) => {
  test('stay in the jail', async () => {
    await using host = await engineHost(engine, bare);
    const { probes, withVerdict, wentWrong } = await verify(host, engine, 'processes,terminal');
    expect(wentWrong).toEqual([]);
    expect(probes.length).toBeGreaterThan(30);
    expect(withVerdict('failed')).toEqual([]);
    expect(withVerdict('known_weakness')).toEqual([]);
    expect(lacking).toEqual(expect.arrayContaining(withVerdict('not_proven')));
  });
});

test('the engine chroot is told the weaknesses that it has', async () => {
  await using host = await engineHost('runc', bare);
  const { withVerdict, wentWrong } = await verify(host, 'chroot', 'processes,terminal');
  expect(wentWrong).toEqual([]);
  expect(withVerdict('failed')).toEqual([]);
  expect(withVerdict('known_weakness')).toEqual([
    'processes/number-outside',
    'processes/kill-outside',
    'processes/renice-outside',
    'processes/trace-outside',
    'processes/trace-filter',
    'processes/oom-score',
    'processes/io-priority',
    'terminal/tiocsti',
    'terminal/tiocsti-higher-bit',
    'terminal/tioclinux',
    'terminal/tiocsetd',
  ]);
});

test('a processor that is not in the cpuset of a run is out of bounds', async () => {
  await using host = await engineHost('runc', bare);
  // The host's own group, in either version.
  const shrink = `
for file in /sys/fs/cgroup/cpuset/cpuset.cpus /sys/fs/cgroup/cpuset.cpus; do
  [ ! -e "$file" ] || { echo 0 >"$file" && exit; }
done
exit 1`;
  const { exitCode } = await host.run(['sh', '-c', shrink]);
  const { probes } = await verify(host, 'runc', 'processes/affinity');
  const canShrink = exitCode === 0 && availableParallelism() > 1;
  expect(probes).toMatchObject([
    { verdict: canShrink ? 'passed' : 'not_proven', went_wrong: false },
  ]);
});

test('nothing of a verification is left on the host', async () => {
  await using host = await engineHost('runc', bare);
  await verify(host, 'runc', 'processes,terminal');
  const lines = await host.ok(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" "\\n"']);
  expect(lines).not.toContain('jailctl-probe');
});
