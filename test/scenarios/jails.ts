import { expect } from 'vitest';
import { exitCode } from '../../src/model/exit-code.ts';
import type { TestHost } from '../rig/host.ts';

/** On a file system that `changedPaths` does not look at. */
export const manifestPath = '/run/jails.yaml';

/** Writes a manifest of version 1: `text` is all that follows. */
export async function writeManifest(host: TestHost, text: string): Promise<void> {
  await host.write(manifestPath, `version: 1\n${text}`);
}

/** `jailctl plan`, which must work. @returns whether it found changes, and what it printed */
export async function plan(host: TestHost): Promise<{ changes: boolean; text: string }> {
  const result = await host.jailctl(['plan', '--detailed-exitcode', '--file', manifestPath]);
  const { stdout, stderr } = result;
  const codes: readonly unknown[] = [exitCode.done, exitCode.changes];
  if (!codes.includes(result.exitCode)) throw new Error(`plan failed\n${stdout}${stderr}`);
  return { changes: result.exitCode === exitCode.changes, text: stdout };
}

async function change(host: TestHost, args: readonly string[]): Promise<string> {
  const { exitCode: code, stdout, stderr } = await host.jailctl(args);
  if (code !== exitCode.done) {
    throw new Error(`jailctl ${args.join(' ')} exited with ${code}\n${stdout}${stderr}`);
  }
  return stdout;
}

/** `jailctl apply --yes --destroy-data`, which must work. @returns what it printed */
export function apply(host: TestHost): Promise<string> {
  return change(host, ['apply', '--yes', '--destroy-data', '--file', manifestPath]);
}

/** `jailctl destroy --yes --destroy-data`, which must work. @returns what it printed */
export function destroy(host: TestHost): Promise<string> {
  return change(host, ['destroy', '--yes', '--destroy-data']);
}

/** The plan is empty; if it isn't, the failure shows it. */
export async function expectNothingToDo(host: TestHost): Promise<void> {
  expect(await plan(host)).toEqual({
    changes: false,
    text: 'Nothing to do: this host is as the manifest says.\n',
  });
}

/** The command of shell text, which must work. @returns its output */
export function shell(host: TestHost, text: string): Promise<string> {
  return host.ok(['sh', '-e', '-c', text]);
}

/**
 * Runs a program in a jail as one of its users, by plain chroot(8).
 * @returns its output, and its exit code when that is not 0
 */
export async function inJail(
  host: TestHost,
  user: string,
  jail: string,
  argv: readonly string[],
): Promise<string> {
  const result = await host.run(['chroot', `--userspec=${user}`, jail, ...argv]);
  if (result.exitCode === 0) return result.stdout;
  return `${result.stdout}${result.stderr}ended with ${result.exitCode ?? result.signal}`;
}

/** UIDs by name of every account that bears jailctl's mark, as getent(1) tells them. */
export async function jailUsers(host: TestHost): Promise<Readonly<Record<string, number>>> {
  const entries = (await host.ok(['getent', 'passwd'])).split('\n').map((line) => line.split(':'));
  const ours = entries.filter(([, , , , gecos]) => gecos?.startsWith('jailctl jail '));
  return Object.fromEntries(ours.map(([name, , uid]) => [name, Number(uid)]));
}
