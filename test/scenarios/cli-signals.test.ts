import { describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath, jsonLines, requirement, stateOf, waitingForAnswer } from './cli.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  inJail,
  manifestPath,
  plan,
  shell,
  writeManifest,
} from './jails.ts';

/** The running jailctl, by the PID that it wrote into its lock. */
async function signal(host: TestHost, name: string): Promise<void> {
  await shell(host, `kill -s ${name} $(sed 's/pid \\([0-9]*\\),.*/\\1/' /run/jailctl.lock)`);
}

const lockIsGone = (host: TestHost) => host.ok(['test', '!', '-e', '/run/jailctl.lock']);

describe.each([
  ['INT', 130],
  ['TERM', 143],
  ['HUP', 130],
] as const)('SIG%s', (name, exitCode) => {
  test('ends apply after the running step, and the next apply goes on', async () => {
    await using host = await testHost();
    // Now the tables are there; else the first look would make them.
    await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
    const before = await stateOf(host);
    const tools = `requirements: [${requirement('python3')}]`;
    await writeManifest(host, `jails:\n  web: { users: 2, ${tools} }\n`);
    const argv = [process.execPath, jailctlPath, 'apply', '--yes', '--json'] as const;
    await using running = host.spawn([...argv, '--file', manifestPath]);
    await running.printed('"stage":"tree of web');
    await signal(host, name);

    const result = await running.result();
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toContain(`SIG${name}: ending after the running step`);
    const events = jsonLines(result.stdout);
    expect(events.at(-1)).toMatchObject({ type: 'error', exit_code: exitCode });
    expect(events.filter(({ type }) => type === 'apply_finished')).toEqual([]);
    await lockIsGone(host);

    // What was done is whole, and only the tree is left.
    expect(await host.ok(['pwck', '-r', '-q'])).toBe('');
    const left = await plan(host);
    expect(left.changes).toBe(true);
    expect(left.text).not.toMatch(/^(accounts|packet rules|jails|host limits):/m);
    await apply(host);
    await expectNothingToDo(host);
    expect(await inJail(host, 'web2', '/web', ['python3', '-c', 'print(6 * 7)'])).toBe('42\n');
    await destroy(host);
    expect(await stateOf(host)).toEqual(before);
  });
});

test('a SIGTERM while jailctl waits for an answer changes nothing and lets go of the lock', async () => {
  await using host = await testHost();
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
  const before = await stateOf(host);
  await using waiting = await waitingForAnswer(host, ['apply', '--file', manifestPath]);
  await signal(host, 'TERM');
  expect((await waiting.result()).exitCode).not.toBe(0);
  expect(await stateOf(host)).toEqual(before);
  await apply(host);
});
