/**
 * The example of jails.yaml from beginning to end, in a throwaway host: each command is shown as a
 * person would type it, then run by a shell as shown, and its real output follows.
 * Exits 1 when a command does not do what it is shown for.
 */
import { fileURLToPath } from 'node:url';
import { createThrowawayHost, type ThrowawayHost } from '../src/host/throwaway.ts';
import { Failure } from '../src/model/failure.ts';
import { isOfJournal } from '../src/model/host-paths.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

interface Act {
  /** What a person learns from it, one line. */
  readonly title: string;
  /** Shell text; a line that goes on has a backslash or an open quote, as in a terminal. */
  readonly command: string;
  readonly exitCode: number;
  /** What the output must hold. */
  readonly shows: RegExp;
}

const connect = `python3 -c '
import os, socket
error = socket.socket().connect_ex(("127.0.0.1", 8080))
print(os.strerror(error))'`;

const server = `
import socket
server = socket.create_server(('127.0.0.1', 8080))
print('listening', flush=True)
while True:
    server.accept()[0].close()
`;

const acts: readonly Act[] = [
  {
    title: 'What would be done to make the jails of jails.yaml:',
    command: 'jailctl plan',
    exitCode: 0,
    shows: /jail1/,
  },
  {
    title: 'Do it:',
    command: 'jailctl apply --yes',
    exitCode: 0,
    shows: /./,
  },
  {
    title: 'The host is now as the file says, so a new plan is empty:',
    command: 'jailctl plan --detailed-exitcode',
    exitCode: 0,
    shows: /./,
  },
  {
    title: 'Run Python in the jail, with every layer in force:',
    command: `jailctl exec jail -- \\
  python3 -c 'import os; print(os.getuid(), sorted(os.listdir("/")))'`,
    exitCode: 0,
    shows: /^\d+ \[.*'usr'.*\]$/m,
  },
  {
    title: 'The manifest allows one process, so a fork is refused:',
    command: `jailctl exec jail -- python3 -c 'import os; os.fork()'`,
    exitCode: 1,
    shows: /BlockingIOError: \[Errno 11\]/,
  },
  {
    title: 'A program that never ends is ended:',
    command: `jailctl exec --limit cpu_time=1s jail -- python3 -c 'while True: pass'`,
    exitCode: 137,
    shows: /used up its CPU time of 1s/,
  },
  {
    title: 'A server listens on this host, and root reaches it:',
    command: connect,
    exitCode: 0,
    shows: /^Success$/m,
  },
  {
    title: 'The program in the jail does not:',
    command: `jailctl exec jail -- ${connect}`,
    exitCode: 0,
    shows: /^Connection refused$/m,
  },
  {
    title: 'Nor does it by plain chroot, the old way in, for the packet rules fence the user:',
    command: `chroot --userspec=jail1 /jail ${connect}`,
    exitCode: 0,
    shows: /^Connection refused$/m,
  },
  {
    title: 'Take everything away again:',
    command: 'jailctl destroy --yes --destroy-data',
    exitCode: 0,
    shows: /./,
  },
];

/** A directory of the throwaway host alone, where `jailctl` is a command. */
const commandDirectory = '/run/demo';

async function makeCommand(host: ThrowawayHost): Promise<Record<string, string>> {
  const script =
    'mkdir "$1" && printf \'#!/bin/sh\\nexec "%s" "%s" "$@"\\n\' "$2" "$3" >"$1/jailctl" && ' +
    'chmod 0755 "$1/jailctl"';
  const argv = [commandDirectory, process.execPath, `${root}/dist/jailctl.js`];
  const { exitCode, stderr } = await host.run(['sh', '-c', script, 'sh', ...argv]);
  if (exitCode !== 0) throw new Failure(`can't prepare the throwaway host: ${stderr}`);
  return {
    PATH: `${commandDirectory}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  };
}

/** Shell text with the prompts that a terminal would show. */
function asTyped(command: string): string {
  const [first = '', ...rest] = command.split('\n');
  return [`$ ${first}`, ...rest.map((line) => `> ${line}`)].join('\n');
}

/** @returns whether the command did what it is shown for */
async function play(host: ThrowawayHost, act: Act, env: Record<string, string>): Promise<boolean> {
  console.log(`\n# ${act.title}\n${asTyped(act.command)}`);
  // One stream for both, so that lines come in the order in which they were written.
  const argv = ['sh', '-c', 'exec 2>&1; eval "$1"', 'sh', act.command] as const;
  const { exitCode, stdout } = await host.run(argv, { env, cwd: root });
  process.stdout.write(stdout);
  if (exitCode === act.exitCode && act.shows.test(stdout)) return true;
  console.log(`\nThis is not what was to be shown: exit code ${act.exitCode} and ${act.shows},`);
  console.log(`but it was exit code ${exitCode}.`);
  return false;
}

/** The packet rules and chains of both families, without counters. */
async function packetRules(host: ThrowawayHost): Promise<string> {
  const script = 'iptables-save; ip6tables-save';
  const { stdout } = await host.run(['sh', '-c', script]);
  return (stdout.match(/^(?:-A .*|:\S+ -)/gm) ?? []).join('\n');
}

/** What the demo left in the throwaway host, a line each; it should be nothing. */
async function leftOvers(host: ThrowawayHost, rulesBefore: string): Promise<string[]> {
  const left = host
    .changedPaths()
    .filter(({ path }) => !isOfJournal(path))
    .map(({ change, path, reasons }) => [change, path, ...reasons].join(' '));
  if ((await packetRules(host)) !== rulesBefore) left.push('packet rules');
  return left;
}

/** Ends with 1 at the first command that does not do what it is shown for. */
async function demo(): Promise<number> {
  console.log('jailctl on a throwaway copy of this host. The real one is not touched.');
  await using host = await createThrowawayHost({ cgroups: true });
  for (const warning of host.warnings) console.log(`(${warning})`);
  const env = await makeCommand(host);
  const rulesBefore = await packetRules(host);
  await using listening = host.spawn(['python3', '-c', server]);
  await listening.printed('listening');
  for (const act of acts) if (!(await play(host, act, env))) return 1;
  const left = await leftOvers(host, rulesBefore);
  if (left.length > 0) {
    console.log('\nThis is left, and should not be:');
    for (const line of left) console.log(line);
    return 1;
  }
  console.log(
    '\nNothing is left but the journal: every other file, account and rule is as it was before.',
  );
  console.log('\nTo do it for real, as root:');
  for (const command of ['plan', 'apply', 'destroy']) {
    console.log(`  node_modules/.bin/node dist/jailctl.js ${command}`);
  }
  return 0;
}

try {
  process.exitCode = await demo();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  if (error.hint !== undefined) console.error(error.hint);
  process.exitCode = error.exitCode;
}
