import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { enter } from '../rig/ledger.ts';
import {
  type Dialogue,
  jailctlPath,
  jailctlShell,
  jsonLines,
  onTerminal,
  requirement,
  stateOf,
  waitingForAnswer,
} from './cli.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  inJail,
  jailUsers,
  manifestPath,
  plan,
  shell,
  writeManifest,
} from './jails.ts';
import { atTheAccounts } from './lock-holder.ts';

beforeEach(() => enter('signals', { tried: 1, clean: 0, 'not clean': 0 }));
afterEach(({ task }) => {
  enter('signals', { [task.result?.state === 'fail' ? 'not clean' : 'clean']: 1 });
});

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

/**
 * A step that lasts: in the place of mknod(1), a program that tells that it was started, and goes on
 * when something is written to /run/hold, once for all devices.
 */
const longStep = `
  cd /usr/bin; mv mknod mknod-real; mkfifo /run/hold
  printf '#!/bin/sh\\n: >/run/started\\n[ ! -p /run/hold ] || { read x </run/hold; rm /run/hold; }\\nexec mknod-real "$@"\\n' >mknod
  chmod 0755 mknod`;
const shortStep = 'mv /usr/bin/mknod-real /usr/bin/mknod';

/** Nobody holds it; a file that a process left behind says nothing. */
const lockIsFree = (host: TestHost) =>
  host.ok(['flock', '--nonblock', '/run/jailctl.lock', 'true']);

/** What was done is whole, and the next apply makes the rest of it. */
async function expectConsistent(host: TestHost): Promise<void> {
  await lockIsFree(host);
  expect(await host.ok(['pwck', '-r', '-q'])).toBe('');
  expect(await host.ok(['grpck', '-r'])).toBe('');
  expect((await plan(host)).changes).toBe(true);
  await apply(host);
  await expectNothingToDo(host);
}

describe('a second signal', () => {
  test.for([
    ['INT', 'INT', 130],
    ['TERM', 'TERM', 143],
    ['HUP', 'HUP', 130],
    ['INT', 'TERM', 130],
  ] as const)('ends it in the middle of a step: %s, %s', async ([first, second, exitCode]) => {
    await using host = await testHost();
    await shell(host, longStep);
    await writeManifest(host, 'jails:\n  web: { users: 1, tools: [sh] }\n');
    const argv = [process.execPath, jailctlPath, 'apply', '--yes', '--file', manifestPath] as const;
    await using running = host.spawn(['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv]);
    await shell(host, 'until [ -e /run/started ]; do sleep 0.05; done');
    await signal(host, first);
    await running.printed(`SIG${first}: ending after the running step; once more ends at once`);
    const held = await host.run(['flock', '--nonblock', '/run/jailctl.lock', 'true']);
    expect(held.exitCode).not.toBe(0);
    await signal(host, second);
    expect((await running.result()).exitCode).toBe(exitCode);

    await lockIsFree(host);
    await shell(host, `echo >/run/hold; ${shortStep}`);
    await expectConsistent(host);
    expect(await inJail(host, 'web1', '/web', ['sh', '-c', 'echo $((6 * 7))'])).toBe('42\n');
  });
});

describe('Ctrl-C on the terminal, which interrupts every program on it,', () => {
  const started = 'until [ -e /run/started ]; do sleep 0.05; done';
  const goOn = 'echo >/run/hold';

  test.for([
    ['once ends apply after the running step', [['once more ends at once', '\r', goOn]]],
    ['twice ends it in the middle of one', [['once more ends at once', '\x03']]],
  ] as const)('%s', async ([, more]) => {
    await using host = await testHost();
    await shell(host, longStep);
    await writeManifest(host, 'jails:\n  web: { users: 1, tools: [sh] }\n');
    const dialogue: Dialogue = [
      [' is a yes: ', 'yes\n'],
      ['tree of web', '\x03', started],
      ...more,
    ];
    const result = await onTerminal(host, ['apply', '--file', manifestPath], dialogue);
    expect(result.exitCode).toBe(130);
    expect(result.stdout).toContain('SIGINT: ending after the running step');
    await lockIsFree(host);
    await shell(host, `timeout 1 sh -c '${goOn}' || true; ${shortStep}`);
    await expectConsistent(host);
  });
});

describe('a signal while destroy waits for the account files', () => {
  test.for([
    ['INT', 130],
    ['TERM', 143],
    ['HUP', 130],
  ] as const)(
    'ends it after that step, and the next one leaves nothing: %s',
    async ([name, code]) => {
      await using host = await testHost();
      await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
      const before = await stateOf(host);
      await writeManifest(host, 'jails:\n  web: { users: 1, tools: [sh] }\n');
      await apply(host);
      const destroying = ['destroy', '--yes', '--destroy-data'];
      const ended = await atTheAccounts(host, destroying, () => signal(host, name));
      expect(ended).toMatchObject({
        exitCode: code,
        stderr: expect.stringContaining(`SIG${name}: ending after the running step`),
      });
      await lockIsGone(host);
      expect(await host.ok(['pwck', '-r', '-q'])).toBe('');
      // The users are gone, and their jail is not.
      expect(await jailUsers(host)).toEqual({});
      await host.ok(['test', '-e', '/web/usr/bin/sh']);
      await destroy(host);
      expect(await stateOf(host)).toEqual(before);
    },
  );
});

/** Runs a program on a terminal, and closes that once a file is there, or a text was shown. */
const closingScript = `
import os, pty, select, sys
started, text, argv = sys.argv[1], sys.argv[2].encode(), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execv(argv[0], argv)
shown = b''
while not os.path.exists(started) and text not in shown:
    if select.select([terminal], [], [], 0.05)[0]:
        shown += os.read(terminal, 65536)
os.close(terminal)
if os.path.exists(started):
    open('/run/hold', 'w').write('go on')
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

describe('a terminal that is closed', () => {
  const closing = (host: TestHost, ...args: readonly string[]) =>
    host.ok([
      ...(['python3', '-c', closingScript, '/run/started', ' is a yes: '] as const),
      ...[process.execPath, jailctlPath, ...args, '--file', manifestPath],
    ]);

  test('ends apply after the running step, and the next apply goes on', async () => {
    await using host = await testHost();
    await shell(host, longStep);
    await writeManifest(host, 'jails:\n  web: { users: 1, tools: [sh] }\n');
    expect(await closing(host, 'apply', '--yes')).toBe('130\n');
    await lockIsGone(host);
    await shell(host, shortStep);
    await expectConsistent(host);
  });

  test('answers no question', async () => {
    await using host = await testHost();
    await writeManifest(host, 'jails:\n  web: { users: 1, tools: [] }\n');
    const before = await stateOf(host);
    expect(await closing(host, 'apply')).not.toBe('0\n');
    expect(await stateOf(host)).toEqual(before);
    await lockIsFree(host);
  });
});

test('a reader of both streams that goes away at once does not stop an apply', async () => {
  await using host = await testHost();
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [sh] }\n');
  const apply = `${jailctlShell(['apply', '--yes', '--file', manifestPath])} 2>&1`;
  const script = `${apply} | true; echo "\${PIPESTATUS[0]}"`;
  expect(await host.ok(['bash', '-c', script])).toBe('0\n');
  await lockIsGone(host);
  await expectNothingToDo(host);
});
