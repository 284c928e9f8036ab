import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';

/** Package managers fetch from the network as their caller does. */
const proxyVariables = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'];

function environment(): Readonly<Record<string, string>> {
  const proxies = proxyVariables.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Scripts of packages expect root's home.
  return { ...Object.fromEntries(proxies), ...toolEnvironment, HOME: '/root' };
}

/** How much of its output an error repeats. */
const tailLinesMax = 8;

/** apt marks what went wrong; the others say it at their end. */
function tailOf(lines: readonly string[]): string {
  const errors = lines.filter((line) => /^(?:E:|[Ee]rror:|dpkg: error)/.test(line));
  return (errors.length > 0 ? errors : lines).slice(-tailLinesMax).join('; ');
}

function hintFor(tail: string): string {
  return /could not get lock|is locked|locked by|unable to lock|another (?:app|instance)/i.test(
    tail,
  )
    ? 'another package manager is at work: wait until it has ended, then run the command again'
    : 'mend that, then run the command again: it goes on where this one stopped';
}

/** `apt-get install`: without the environment, options and names. */
function nameOf(argv: readonly string[]): string {
  const words = argv.filter((word) => word !== 'env' && !/^[A-Z_]+=|^-/.test(word));
  return words.slice(0, 2).join(' ');
}

/**
 * Runs a package manager to its end.
 * @param onLine gets each line of its output
 * @throws Failure with the end of its output, when it fails
 */
export async function runPackageManager(
  [command, ...args]: readonly [string, ...string[]],
  onLine: (line: string) => void,
): Promise<void> {
  const { execa } = await import('execa');
  const running = execa(requireCommand(command), args, {
    env: environment(),
    extendEnv: false,
    reject: false,
    input: '',
    all: true,
    buffer: false,
    // Ctrl-C in the terminal must not cut it half-way.
    detached: true,
  });
  const lines: string[] = [];
  for await (const line of running.iterable({ from: 'all' })) {
    // Of what is drawn over and over, the last state.
    const text = String(line).trimEnd().replace(/^.*\r/, '');
    if (text === '') continue;
    lines.push(text);
    onLine(text);
  }
  const { failed, exitCode, signal } = await running;
  if (!failed) return;
  const tail = tailOf(lines);
  const how = exitCode === undefined ? `${signal} ended it` : `exit code ${exitCode}`;
  throw new Failure(`${nameOf([command, ...args])} failed (${how})`, {
    hint: hintFor(tail),
    ...(tail === '' ? {} : { cause: new Error(tail) }),
  });
}
