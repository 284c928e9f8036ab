import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { onTerminal, stateOf } from './cli.ts';
import { apply, destroy, expectNothingToDo, manifestPath, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
});
afterAll(() => host[Symbol.asyncDispose]());

describe('the question of apply on a terminal', () => {
  test.for([
    ['y', 'y\n', 4],
    ['Yes', 'Yes\n', 4],
    ['yes please', 'yes please\n', 4],
    ['nothing', '\n', 4],
    ['Ctrl-D', '\x04', 4],
    ['Ctrl-C', '\x03', 130],
  ] as const)('is not answered by %s', async ([, typed, exitCode]) => {
    const before = await stateOf(host);
    const result = await onTerminal(host, ['apply', ...file], typed);
    expect(result.stdout).toContain('Make these changes? Only "yes" is a yes:');
    expect(result.stdout).toMatch(
      /^jailctl: (not approved|interrupted), so nothing was changed\r$/m,
    );
    expect(result.stdout).not.toMatch(/^ {4}at /m);
    expect(result.exitCode).toBe(exitCode);
    expect(await stateOf(host)).toEqual(before);
  });

  test('is answered by yes, and an empty plan asks nothing', async () => {
    const result = await onTerminal(host, ['apply', ...file], 'yes\n');
    expect(result.stdout).toContain('Done: this host is as the manifest says.');
    expect(result.exitCode).toBe(0);
    await expectNothingToDo(host);
    const again = await onTerminal(host, ['apply', ...file], '');
    expect(again).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Nothing to do: this host is as the manifest says.'),
    });
    expect(again.stdout).not.toContain('yes');
  });

  test('is asked by destroy too', async () => {
    await apply(host);
    const before = await stateOf(host);
    const refused = await onTerminal(host, ['destroy'], 'y\n');
    expect(refused).toMatchObject({ exitCode: 4 });
    expect(await stateOf(host)).toEqual(before);
    const done = await onTerminal(host, ['destroy'], 'yes\n');
    expect(done.stdout).toContain('Remove all this for good? Only "yes" is a yes:');
    expect(done).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Done: nothing of jailctl is left.'),
    });
    const nothing = await onTerminal(host, ['destroy'], '');
    expect(nothing).toMatchObject({ exitCode: 0 });
  });
});

describe('without a terminal', () => {
  test.for([
    ['apply', file],
    ['destroy', []],
  ] as const)('%s shows the plan, names --yes, and changes nothing', async ([name, args]) => {
    await apply(host);
    await writeManifest(host, 'jails:\n  web: { users: 2, tools: [ls] }\n');
    const before = await stateOf(host);
    const result = await host.jailctl([name, ...args], { input: 'yes\n' });
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toMatch(/^Plan: \d+ to create, \d+ to update, \d+ to delete\.$/m);
    expect(result.stderr).toBe(
      'jailctl: nobody can be asked here, so nothing was changed\n' +
        `  hint: to do it without asking: jailctl ${name} --yes\n`,
    );
    expect(await stateOf(host)).toEqual(before);
    await destroy(host);
  });
});
