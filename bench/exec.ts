/**
 * What running a program in a jail costs, beside what else could run it. Everything happens on a
 * throwaway host. `node bench/exec.ts [--rounds N] [--jobs N] [--only REGEXP] [--json]`
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Argv, createThrowawayHost, type ThrowawayHost } from '../src/host/throwaway.ts';
import { jail, jailctlArgv } from './contenders.ts';
import type { Times } from './measure.ts';
import { report, reportText } from './report.ts';

const inside = fileURLToPath(new URL('inside.ts', import.meta.url));

const manifestPath = '/root/bench.yaml';
const manifest = `
version: 1
uids: ${jail.firstUid}-${jail.firstUid + 999}
jails:
  ${jail.name}: { path: ${jail.path}, users: ${jail.users}, tools: ["true"] }
`;

/**
 * Beside controllers of version 1, crun wants no version 2. A throwaway host guards a part of its
 * procfs, and bubblewrap, as a user, may mount one only where another is wholly visible.
 */
const suit = `
cat >"$1"
if [ -d /sys/fs/cgroup/unified ]; then
  umount /sys/fs/cgroup/unified && rmdir /sys/fs/cgroup/unified || exit
fi
mkdir /run/proc && mount -t proc proc /run/proc
`;

/** @throws Error unless the program exits with 0. @returns its stdout */
async function succeed(host: ThrowawayHost, argv: Argv, input = ''): Promise<string> {
  const { exitCode, signal, stdout, stderr } = await host.run(argv, { input });
  if (exitCode === 0) return stdout;
  throw new Error(`${argv.join(' ')} ended with ${exitCode ?? signal}\n${stdout}${stderr}`);
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    jobs: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const { rounds, jobs, only, json } = values;

await using host = await createThrowawayHost({ cgroups: true });
await succeed(host, ['sh', '-c', suit, 'sh', manifestPath], manifest);
await succeed(host, jailctlArgv('apply', '--yes', '--file', manifestPath));
const measured = await succeed(host, [process.execPath, inside, only, rounds, jobs]);
const { runs, batches } = JSON.parse(measured) as { runs: Times; batches: Times };
const result = report(runs, batches, Number(rounds), Number(jobs));
process.stdout.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : reportText(result));
