import { exitCode } from '../../model/exit-code.ts';
import type { EngineName } from '../../model/settings.ts';
import type { Trial } from '../../verify/mutate.ts';
import type { Weakening } from '../../verify/mutation.ts';
import { findCommand } from '../path.ts';
import {
  type Argv,
  type CommandResult,
  createThrowawayHost,
  type ThrowawayHost,
} from '../throwaway.ts';

/** `alpha` has no network, and two users; `beta` has an allow-list. */
const manifest = `
version: 1
root: /
jails:
  alpha: { users: 2, tools: [sh], network: none }
  beta:
    users: 2
    tools: [sh]
    network: { allow: [{ to: 127.0.0.1, port: 7007, protocol: tcp }] }
`;
const jails = ['alpha', 'beta'];
const variables = { JAIL: '/alpha', NAME: 'alpha1', OTHER: '/beta' };

/** A file system of its own: /run may be mounted so that nothing in it can be run. */
const directory = '/run/jailctl-mutate';

/** Of each command. All probes on a busy machine take a minute. */
const timeoutMs = 300_000;

/**
 * Puts something in the place of each runtime, under its own path. The descriptors 3 and 4 are for
 * process 1 of the run alone. What goes wrong is written down: a run that did not start must not
 * pass for a layer that nobody missed.
 * Arguments: the Node binary, weak-runtime.js, the paths of the runtimes.
 */
const replaceScript = String.raw`
umask 077
mkdir ${directory}
mount -t tmpfs -o mode=0700 weak ${directory}
cat >${directory}/change.json
node=$1 weaken=$2
shift 2
for path in "$@"; do
  name=$(basename "$path")
  touch ${directory}/$name
  mount --bind "$path" ${directory}/$name
  cat >${directory}/weak-$name <<END
#!/bin/sh
bundle= before=
for word; do
  [ "\$before" != --bundle ] || bundle=\$word
  before=\$word
done
if [ -n "\$bundle" ]; then
  '$node' '$weaken' ${directory} "\$bundle" </dev/null >/dev/null 2>>${directory}/wrong 3<&- 4<&- ||
    exit 1
fi
exec ${directory}/$name "\$@"
END
  chmod 0755 ${directory}/weak-$name
  mount --bind ${directory}/weak-$name "$path"
done
`;

/** Says what kept the runtimes from leaving something out; nothing when they did so for a run. */
const faultScript = `
cd ${directory}
if [ -s wrong ]; then cat wrong; elif [ ! -s taken ]; then sort -u unfit; fi
`;

/** Where this jailctl is. */
export interface Installation {
  /** The Node binary, and the script of jailctl. */
  readonly self: readonly [string, string];
  /** Where jailctl itself is installed. */
  readonly packageRoot: string;
}

/** The last of what a program said: that is where it says what went wrong. */
function complaint(what: string, { exitCode, signal, stdout, stderr }: CommandResult): Trial {
  const said = `${stdout}${stderr}`.trim().slice(-500).replaceAll(/\s+/g, ' ');
  return { fault: `${what} ended with ${exitCode ?? signal}: ${said}` };
}

/** @returns what went wrong */
async function changeHost(host: ThrowawayHost, script: string): Promise<Trial | undefined> {
  const id = await host.run(['id', '-u', variables.NAME]);
  const env = { ...variables, ID: id.stdout.trim() };
  const result = await host.run(['sh', '-e', '-c', script], { env, timeoutMs });
  return result.exitCode === 0 ? undefined : complaint('the script of the mutation', result);
}

/** @returns what went wrong */
async function replaceRuntimes(
  host: ThrowawayHost,
  change: Weakening,
  { self, packageRoot }: Installation,
): Promise<Trial | undefined> {
  const paths = ['crun', 'runc', 'runsc'].flatMap((name) => findCommand(name) ?? []);
  const words = [self[0], `${packageRoot}/dist/weak-runtime.js`, ...paths];
  const argv: Argv = ['sh', '-e', '-c', replaceScript, 'sh', ...words];
  const result = await host.run(argv, { input: JSON.stringify(change) });
  return result.exitCode === 0 ? undefined : complaint('the replacement of the runtime', result);
}

/** @returns why no run was without the layer */
async function faultOfRuntimes(host: ThrowawayHost): Promise<Trial | undefined> {
  const { stdout } = await host.run(['sh', '-c', faultScript]);
  // Node shows the source first, and its own stack last.
  const what = /^\w*Error: (.*?)\n {4}at /ms.exec(stdout)?.[1] ?? stdout.trim();
  return what === ''
    ? undefined
    : { fault: `the runtime that leaves something out: ${what.replaceAll(/\s+/g, ' ')}` };
}

/**
 * Makes two jails on a throwaway host, takes a layer away there, and has `jailctl verify` attack
 * them. This host is not changed.
 * @param change absent: nothing is taken away
 * @throws Failure when the throwaway host can't be made
 */
export async function tryWeakening(
  change: Weakening | undefined,
  probes: readonly string[],
  engine: EngineName,
  means: Installation,
): Promise<Trial> {
  await using host = await createThrowawayHost({ cgroups: true });
  const scope = ['--jail', ...jails];
  const file = '/run/jailctl-mutate.yaml';
  await host.run(['sh', '-c', 'cat >"$1"', 'sh', file], { input: manifest });
  const apply = ['apply', '--yes', '--file', file, ...scope];
  const applied = await host.run([...means.self, ...apply], { timeoutMs });
  if (applied.exitCode !== 0) return complaint('jailctl apply', applied);
  const isOfRuns = change?.on === 'runs';
  const failed = isOfRuns
    ? await replaceRuntimes(host, change, means)
    : await changeHost(host, change?.script ?? '');
  if (failed !== undefined) return failed;
  const verify = ['verify', '--json', '--engine', engine, '--only', ...probes, ...scope];
  const result = await host.run([...means.self, ...verify], { timeoutMs });
  const untaken = isOfRuns ? await faultOfRuntimes(host) : undefined;
  if (untaken !== undefined) return untaken;
  const wasVerified =
    result.exitCode === exitCode.done || result.exitCode === exitCode.verification;
  return wasVerified ? { document: result.stdout } : complaint('jailctl verify', result);
}
