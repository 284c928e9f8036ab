import { expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { stateOf, waitingForAnswer } from './cli.ts';
import { manifestPath, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;

test('while an apply waits for an answer, another jailctl is refused and told who is at work', async () => {
  await using host = await testHost();
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
  await using _waiting = await waitingForAnswer(host, ['apply', ...file]);
  const before = await stateOf(host);

  const text = await host.jailctl(['apply', '--yes', ...file]);
  expect(text).toMatchObject({ exitCode: 5, stdout: '' });
  expect(text.stderr).toMatch(
    /^jailctl: another jailctl is at work on this host: pid \d+, apply, since .*\n {2}hint: wait/,
  );

  const json = await host.jailctl(['destroy', '--yes', '--json']);
  expect(json).toMatchObject({ exitCode: 5, stderr: '' });
  expect(JSON.parse(json.stdout)).toMatchObject({
    exit_code: 5,
    message: expect.stringMatching(/pid \d+, apply, since/),
  });

  // Looking takes no lock.
  expect(await host.jailctl(['plan', ...file])).toMatchObject({ exitCode: 0 });
  expect(await stateOf(host)).toEqual(before);
});

test('the lock of a jailctl that was killed keeps nobody out', async () => {
  await using host = await testHost();
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
  await using _waiting = await waitingForAnswer(host, ['apply', ...file]);
  await host.ok(['sh', '-c', `kill -KILL $(sed 's/pid \\([0-9]*\\),.*/\\1/' /run/jailctl.lock)`]);
  expect(await host.jailctl(['apply', '--yes', ...file])).toMatchObject({ exitCode: 0 });
});
