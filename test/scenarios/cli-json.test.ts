import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody, jailctlShell, jsonLines, stateOf } from './cli.ts';
import { apply, destroy, manifestPath, shell, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await installForEverybody(host);
  await writeManifest(host, 'jails:\n  web: { users: 2, tools: [ls, sh] }\n');
});
afterAll(() => host[Symbol.asyncDispose]());

describe('an error with --json', () => {
  test.for([
    ['a wrong flag', ['apply', '--json', '--nope'], "unknown option '--nope'"],
    ['a wrong flag before --json', ['apply', '--nope', '--json'], "unknown option '--nope'"],
    ['an unknown command', ['aply', '--json'], "unknown command 'aply'"],
    ['a value that is none', ['plan', '--json', '--color', 'red'], "argument 'red' is invalid"],
    ['a missing argument', ['explain', '--json'], "missing required argument 'jail'"],
    ['a missing manifest', ['plan', '--json', '-f', '/run/none.yaml'], 'the manifest has errors'],
    ['an unknown jail', ['plan', '--json', '--jail', 'x', ...file], 'there is no jail x'],
    ['no jail at all', ['plan', '--json', '--jail', '', ...file], '--jail names no jail'],
  ] as const)('is one document on stdout and nothing on stderr: %s', async ([, args, message]) => {
    const { exitCode, stdout, stderr } = await host.jailctl(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ format_version: '1.1', type: 'error', exit_code: 3 });
    expect(document.message).toContain(message);
  });

  test('tells every mistake of a manifest with its place', async () => {
    await host.write('/run/bad.yaml', 'version: 1\njails:\n  web: { user: 2 }\n  b!d: {}\n');
    const { exitCode, stdout } = await host.jailctl(['plan', '--json', '--file', '/run/bad.yaml']);
    expect(exitCode).toBe(3);
    const { diagnostics } = JSON.parse(stdout);
    expect(diagnostics.length).toBeGreaterThan(1);
    const at = { file: '/run/bad.yaml', line: 3, column: 10 };
    expect(diagnostics).toContainEqual(expect.objectContaining({ ...at, code: 'unknown-key' }));
  });

  test('suggests the command that was meant as the hint', async () => {
    const { stdout } = await host.jailctl(['aply', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ hint: 'Did you mean apply?' });
  });

  test.for([['plan'], ['apply'], ['destroy']])('says that %s needs root', async ([name = '']) => {
    const { exitCode, stdout } = await asNobody(host, [name, '--json']);
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      exit_code: 7,
      message: `${name} has to see everything on this host, and only root can`,
      hint: `run it as root: sudo jailctl ${name}`,
    });
  });

  test('says that nobody can be asked', async () => {
    const before = await stateOf(host);
    const { exitCode, stdout } = await host.jailctl(['apply', '--json', ...file]);
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout).hint).toContain('--yes');
    expect(await stateOf(host)).toEqual(before);
  });

  test('names each conflict with its ways out, in plan and in apply', async () => {
    await host.ok(['mkdir', '/web']);
    const plan = JSON.parse((await host.jailctl(['plan', '--json', ...file])).stdout);
    expect(plan.conflicts).toMatchObject([{ address: 'jail/web', jail: 'web' }]);
    const { exitCode, stdout, stderr } = await host.jailctl(['apply', '--yes', '--json', ...file]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: '' });
    const [error, ...others] = jsonLines(stdout);
    expect(others).toEqual([]);
    expect(error).toMatchObject({
      type: 'error',
      diagnostics: [{ code: 'conflict', message: plan.conflicts[0].message, hint: /move it away/ }],
    });
    await host.ok(['rmdir', '/web']);
  });
});

describe('the events of apply and destroy with --json', () => {
  test.for([
    ['apply', file],
    ['destroy', []],
  ] as const)('come in order, a line each: %s', async ([name, args]) => {
    const result = await host.jailctl([name, '--yes', '--json', ...args]);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const events = jsonLines(result.stdout);
    expect(events.at(0)?.type).toBe('apply_started');
    expect(events.at(-1)?.type).toBe('apply_finished');
    const changes = events.filter((event) => event.type === 'change_applied');
    expect(changes.length).toBeGreaterThan(5);
    expect(changes).toHaveLength(events.at(0)?.changes ?? 0);
    let running: string | undefined;
    for (const { type, stage } of events.slice(1, -1)) {
      if (type === 'stage_started') {
        expect(running).toBeUndefined();
        running = stage;
      } else if (type === 'stage_finished') {
        expect(stage).toBe(running);
        running = undefined;
      } else {
        expect(running, type).toBeDefined();
      }
    }
    expect(running).toBeUndefined();
  });

  test('are only the first and the last when nothing is to do', async () => {
    await apply(host);
    const { exitCode, stdout } = await host.jailctl(['apply', '--json', ...file]);
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout).map(({ type }) => type)).toEqual(['apply_started', 'apply_finished']);
    await destroy(host);
  });
});

describe('a reader that goes away after the first line', () => {
  const piped = (args: readonly string[]) =>
    host.ok(['bash', '-c', `${jailctlShell(args)} 2>/run/errors | head -n 1; echo $PIPESTATUS`]);

  test.for([
    ['with --json', ['--json']],
    ['with text', []],
  ] as const)('stops neither apply nor destroy: %s', async ([, flags]) => {
    expect(await piped(['apply', '--yes', ...file, ...flags])).toMatch(/\n0\n$/);
    expect(await host.read('/run/errors')).not.toMatch(/EPIPE|^ {4}at /m);
    const plan = await host.jailctl(['plan', '--detailed-exitcode', ...file]);
    expect(plan.exitCode).toBe(0);
    expect(await piped(['destroy', '--yes', ...flags])).toMatch(/\n0\n$/);
    expect(await shell(host, 'ls -d /web /var/lib/jailctl 2>&1 || true')).not.toMatch(/^\//m);
  });

  test('stops no plan', async () => {
    expect(await piped(['plan', '--json', ...file])).toBe('{\n0\n');
  });
});

test('a reader that is slow gets all of a document that is longer than a pipe', async () => {
  const list = jailctlShell(['verify', '--list', '--json']);
  const whole = await host.ok(['bash', '-c', `${list} | cat`]);
  expect(whole.length).toBeGreaterThan(65_536);
  const slow = 'dd bs=1 count=60000 status=none; cat';
  expect(await host.ok(['bash', '-c', `${list} | { ${slow}; }`])).toBe(whole);
});
