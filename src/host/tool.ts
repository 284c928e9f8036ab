import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';

/**
 * Runs a host program to its end, with a fixed environment and no shell.
 * @param argv begins with a command, or with the absolute path of a program
 * @throws Failure with what the program wrote to stderr, when it fails
 */
export async function runTool(
  argv: readonly [string, ...string[]],
  stdin?: string,
): Promise<string> {
  const [command, ...args] = argv;
  const path = command.startsWith('/') ? command : requireCommand(command);
  // Loaded by whoever runs a tool: most runs of `exec` need none.
  const { execa } = await import('execa');
  const result = await execa(path, args, {
    env: toolEnvironment,
    extendEnv: false,
    reject: false,
    input: stdin ?? '',
    // Ctrl-C in the terminal must not cut a tool half-way: jailctl itself ends after the step.
    detached: true,
  });
  if (result.failed) {
    const complaint = result.stderr.trim() || result.shortMessage;
    throw new Failure(`${argv.slice(0, 3).join(' ')} failed: ${complaint}`, {
      cause: result.cause ?? undefined,
    });
  }
  return result.stdout;
}
