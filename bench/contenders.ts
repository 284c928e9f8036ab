import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Contender } from './measure.ts';
import { type Argv, jailctlArgv, nodeArgv, timeProgram } from './program.ts';

export const runtimes = ['crun', 'runc'] as const;
export type Runtime = (typeof runtimes)[number];

/** The jail that the programs run in; exec-case.ts makes it. */
export const jail = { name: 'bench', path: '/bench', firstUid: 82_000, users: 8 } as const;

/** Does as little as a program can. */
export const program = '/usr/bin/true';

/** Of the contenders, as the rows look them up. */
export const nameOf = {
  bubblewrap: 'bubblewrap',
  chroot: 'chroot with limits',
  unshare: 'unshare and chroot',
  node: 'node -e 0',
  alone: (runtime: Runtime) => `${runtime} alone`,
  bareLibrary: (runtime: Runtime) => `mkfifo and ${runtime}, by Node`,
  bareCommandLine: (runtime: Runtime) => `Node with a lock, mkfifo and ${runtime}`,
  library: (runtime: Runtime) => `library, ${runtime}`,
  commandLine: (engine: Runtime | 'chroot') => `jailctl exec, ${engine}`,
  batch: `jailctl exec --batch, ${jail.users} users`,
  loop: 'crun alone, 2 at a time',
} as const;

const library = new URL('../dist/library.js', import.meta.url);
const bareCommandLine = fileURLToPath(new URL('bare/programs.mjs', import.meta.url));
const bundlesDirectory = '/run/jailctl-bench';

/**
 * Takes the bundle that jailctl writes for a run.
 * @param number of the user, from 1
 * @returns the command that has a runtime run it, without jailctl
 */
export async function bundleArgv(runtime: Runtime, number: number): Promise<Argv> {
  const target = `${jail.name}/${jail.name}${number}`;
  const print = jailctlArgv('exec', '--print', '--engine', runtime, target, '--', program);
  const { stdout } = await timeProgram(print);
  const config = /<<'END_OF_CONFIG'\n(.*)\nEND_OF_CONFIG\n/s.exec(stdout)?.[1];
  if (config === undefined) throw new Error(`there is no bundle in: ${stdout}`);
  const bundle = `${bundlesDirectory}/${runtime}-${number}`;
  mkdirSync(bundle, { recursive: true, mode: 0o700 });
  writeFileSync(`${bundle}/config.json`, config);
  return [runtime, 'run', '--bundle', bundle, `bench-${runtime}-${number}`];
}

const identity = `${jail.firstUid}:${jail.firstUid}`;
const home = `/home/${jail.name}1`;
const limits = ['--core=0', '--cpu=10', '--fsize=16777216', '--nofile=64'];

/** What there is without jailctl; each keeps the program from more than the one before. */
const otherWays: readonly (readonly [name: string, argv: Argv])[] = [
  [nameOf.chroot, ['prlimit', ...limits, 'chroot', `--userspec=${identity}`, jail.path, program]],
  [
    nameOf.unshare,
    [
      ...(['unshare', '--mount', '--pid', '--net', '--ipc', '--uts', '--fork', '--'] as const),
      ...['setpriv', '--no-new-privs', '--inh-caps=-all'],
      ...['--bounding-set=-all,+sys_chroot,+setuid,+setgid', '--'],
      ...['chroot', `--userspec=${identity}`, jail.path, program],
    ],
  ],
  [
    // It has no cgroups, and takes a filter of system calls only as machine code.
    nameOf.bubblewrap,
    [
      ...(['prlimit', ...limits, 'setpriv'] as const),
      ...[`--reuid=${jail.firstUid}`, `--regid=${jail.firstUid}`, '--clear-groups', '--', 'bwrap'],
      ...['--unshare-all', '--new-session', '--die-with-parent', '--cap-drop', 'ALL'],
      ...['--clearenv', '--setenv', 'PATH', '/usr/bin:/bin', '--hostname', jail.name],
      ...['--ro-bind', jail.path, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
      ...['--bind', `${jail.path}${home}`, home, '--chdir', home, '--', program],
    ],
  ],
];

function ofProgram(name: string, argv: Argv): Contender {
  return { name, run: async () => ({ value: (await timeProgram(argv)).milliseconds }) };
}

function ofFunction(name: string, work: () => Promise<void>): Contender {
  const run = async () => {
    const begin = performance.now();
    await work();
    return { value: performance.now() - begin };
  };
  return { name, run };
}

const pipe = `${bundlesDirectory}/pipe`;

/** What the library starts for a run: mkfifo, and the runtime. */
async function bareRun(runtime: Argv): Promise<void> {
  await timeProgram(['mkfifo', '--', pipe]);
  rmSync(pipe);
  await timeProgram(runtime);
}

export interface Contenders extends AsyncDisposable {
  readonly all: readonly Contender[];
}

/** Every way to run a program. It needs the jail. */
export async function openContenders(): Promise<Contenders> {
  const { openJail } = (await import(library.href)) as typeof import('../src/library.ts');
  const all = otherWays.map(([name, argv]) => ofProgram(name, argv));
  await using opened = new AsyncDisposableStack();
  for (const engine of runtimes) {
    const alone = await bundleArgv(engine, 1);
    all.push(ofProgram(nameOf.alone(engine), alone));
    all.push(ofFunction(nameOf.bareLibrary(engine), () => bareRun(alone)));
    const bare: Argv = [process.execPath, bareCommandLine, ...alone];
    all.push(ofProgram(nameOf.bareCommandLine(engine), bare));
    const opening = opened.use(await openJail(jail.name, { engine }));
    const run = async () => {
      const { status, message } = await opening.exec([program]);
      if (status !== 'ok') throw new Error(message);
    };
    all.push(ofFunction(nameOf.library(engine), run));
  }
  all.push(ofProgram(nameOf.node, nodeArgv));
  for (const engine of [...runtimes, 'chroot'] as const) {
    const argv = jailctlArgv('exec', '--engine', engine, jail.name, '--', program);
    all.push(ofProgram(nameOf.commandLine(engine), argv));
  }
  const kept = opened.move();
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
