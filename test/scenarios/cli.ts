import { fileURLToPath } from 'node:url';
import type { CommandOptions, CommandResult, RunningCommand } from '../../src/host/throwaway.ts';
import type { TestHost } from '../rig/host.ts';

const projectPath = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
export const jailctlPath = `${projectPath}/dist/jailctl.js`;

/** A requirement file of the project, by its name without `.txt`. */
export function requirement(name: string): string {
  return `${projectPath}/requirements/${name}.txt`;
}

/** The example manifest that comes with jailctl. */
export const exampleManifest = `${projectPath}/jails.yaml`;

/** A word of shell text that stays one word, whatever is in it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command line that starts jailctl, as shell text. */
export function jailctlShell(args: readonly string[]): string {
  return [process.execPath, jailctlPath, ...args].map(quoted).join(' ');
}

/**
 * A terminal of 80 columns: it starts a program on it, shows what the program writes, and types each
 * answer when its prompt has come. Without an answer it lets the program wait.
 */
const terminalScript = `
import fcntl, json, os, pty, select, struct, subprocess, sys, termios
dialogue, argv = json.loads(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.execv(argv[0], argv)
shown = b''
scripts = []
while True:
    if not scripts or select.select([terminal], [], [], 0.02)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        shown += piece
    if not scripts and dialogue and dialogue[0][0].encode() in shown:
        _, typed, *meanwhile = dialogue.pop(0)
        shown = b''
        scripts = [subprocess.Popen(['sh', '-e', '-c', script]) for script in meanwhile or ['true']]
    if scripts and scripts[0].poll() is not None:
        if scripts.pop().returncode != 0:
            sys.exit('a script failed')
        os.write(terminal, typed.encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

/**
 * What is typed, each after its prompt; `\x03` is Ctrl-C, and `\x04` is Ctrl-D. A shell script can run
 * before it is typed.
 */
export type Dialogue = readonly (readonly [prompt: string, typed: string, meanwhile?: string])[];

/** The command line that runs a program, by its absolute path, on a terminal. */
export function onTerminalArgv(argv: readonly string[], dialogue: Dialogue) {
  const typed = JSON.stringify(dialogue.filter(([, answer]) => answer !== ''));
  return ['/usr/bin/python3', '-c', terminalScript, typed, ...argv] as const;
}

function terminalArgv(args: readonly string[], dialogue: Dialogue) {
  return onTerminalArgv([process.execPath, jailctlPath, ...args], dialogue);
}

const question = ' is a yes: ';

/**
 * Runs jailctl on a real terminal.
 * @param typed what a person types at the question of apply and destroy, or a whole dialogue
 * @returns everything that the terminal showed, as stdout
 */
export function onTerminal(
  host: TestHost,
  args: readonly string[],
  typed: string | Dialogue,
  options: CommandOptions = {},
): Promise<CommandResult> {
  const dialogue: Dialogue = typeof typed === 'string' ? [[question, typed]] : typed;
  return host.run(terminalArgv(args, dialogue), options);
}

/** Starts jailctl on a real terminal, and waits until it asks its question; nobody answers. */
export async function waitingForAnswer(
  host: TestHost,
  args: readonly string[],
): Promise<RunningCommand> {
  const running = host.spawn(terminalArgv(args, []));
  await running.printed(question);
  return running;
}

const installation = '/opt/jailctl';

/** Puts jailctl and Node where every user can run them, wherever this project lies. */
export async function installForEverybody(host: TestHost): Promise<void> {
  const script = `
    mkdir -p ${installation}
    cd ${quoted(projectPath)}
    cp -r dist completions schemas requirements jails.yaml package.json ${installation}
    chmod -R a+rX ${installation}
    touch /opt/node
    mount --bind ${quoted(process.execPath)} /opt/node`;
  await host.ok(['sh', '-e', '-c', script]);
}

/** Runs that jailctl as a user without any privilege. */
export function asNobody(
  host: TestHost,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return host.run(['/opt/node', `${installation}/dist/jailctl.js`, ...args], {
    ...options,
    user: 65534,
  });
}

interface Event {
  readonly type: string;
  readonly stage?: string;
  readonly address?: string;
  readonly changes?: number;
  readonly exit_code?: number;
}

/** Every line of the text, which must be JSON. */
export function jsonLines(text: string): readonly Event[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/**
 * Everything that a jailctl could change: accounts, rules, mounts, and every path that is not as
 * on the real host. Two states that are equal mean that nothing was changed.
 */
export async function stateOf(host: TestHost) {
  return { ...(await host.snapshot(['/etc/security'])), changed: host.changedPaths() };
}
