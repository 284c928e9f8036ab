import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandOptions } from '../../src/host/throwaway.ts';
import { faults } from '../documents/schemas.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, writeManifest } from './jails.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await writeManifest(
    host,
    `
uids: 86000-86999
jails:
  box: { users: 1, tools: [sh, cat, sleep], limits: { output: 4KiB } }
`,
  );
  await apply(host);
});
afterAll(() => host[Symbol.asyncDispose]());

/** Runs jailctl, which must print one valid document and nothing else. */
async function document(args: readonly string[], options: CommandOptions = {}) {
  const { exitCode, stdout, stderr } = await host.jailctl(['exec', ...args], options);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\{.*\}\n$/);
  const document = JSON.parse(stdout);
  const schema = document.type === 'error' ? 'error' : 'run-result';
  expect(faults(schema, document)).toEqual([]);
  return { exitCode, document };
}

const script = (text: string) => ['--json', 'box', '--', 'sh', '-c', text];

describe('with --json', () => {
  test('the document holds what the program wrote, and is all that is printed', async () => {
    const ended = await document(script('cat; echo bad >&2; exit 3'), { input: 'žluť\n' });
    expect(ended).toMatchObject({
      exitCode: 3,
      document: { status: 'runtime_error', exit_code: 3, stdout: 'žluť\n', stderr: 'bad\n' },
    });
    expect(ended.document).not.toHaveProperty('id');
  });

  test('output that is not UTF-8 is in base64, each stream by itself', async () => {
    const { document: both } = await document(script("printf '\\377'; printf '\\0' >&2"));
    expect(both).toMatchObject({ stdout_base64: '/w==', stderr: '\0' });
    expect(both).not.toHaveProperty('stdout');
    expect(both).not.toHaveProperty('stderr_base64');
  });

  test('output that a limit cuts within a character is in base64', async () => {
    const text = 'printf x; while :; do printf ž; done';
    const { exitCode, document: cut } = await document(script(text));
    expect(exitCode).toBe(137);
    expect(cut).toMatchObject({ status: 'output_limit', output_bytes: 4096, output_cut: true });
    const whole = Buffer.from(`x${'ž'.repeat(4096)}`);
    expect(cut.stdout_base64).toBe(whole.subarray(0, 4096).toString('base64'));
  });

  test('a program that is not there is a result as well', async () => {
    expect(await document(['--json', 'box', '--', 'nothing'])).toMatchObject({
      exitCode: 127,
      document: { status: 'sandbox_error', exit_code: 127, stdout: '', stderr: '' },
    });
  });

  test('the variable does the same', async () => {
    const env = { JAILCTL_JSON: '1' };
    expect((await document(['box', '--', 'sh', '-c', 'echo hi'], { env })).document).toMatchObject({
      stdout: 'hi\n',
    });
  });

  test.for([
    [3, ['--json', 'none', '--', 'sh']],
    [3, ['--json', 'box/box9', '--', 'sh']],
    [3, ['--json', 'box']],
    [3, ['--json', '--nope', 'box', '--', 'sh']],
    [3, ['--json', '--engine', 'none', 'box', '--', 'sh']],
    [3, ['--json', '--limit', 'memory=1TiB', 'box', '--', 'sh']],
    [3, ['--json', '--limit', 'much', '--env', 'A', 'box', '--', 'sh']],
    [3, ['--json', '-f', '/none', 'box', '--', 'sh']],
    [3, ['--json', '--print', 'box', '--', 'sh']],
    [3, ['--json', '--batch', '/none', 'box']],
    [3, ['--json', '--batch', '/none', 'box', '--', 'sh']],
    [7, ['--json', '--engine', 'runsc', 'box', '--', 'sh']],
  ] as const)('an error with exit code %d is a document: %j', async ([code, args]) => {
    expect(await document(args)).toMatchObject({
      exitCode: code,
      document: { type: 'error', exit_code: code },
    });
  });

  test('the error that every user is busy is a document', async () => {
    const busy = host.jailctl(['exec', 'box', '--', 'sh', '-c', 'sleep 2']);
    await expect
      .poll(async () => (await host.run(['pgrep', '-x', 'sleep'])).exitCode, { timeout: 10_000 })
      .toBe(0);
    expect(await document(script('exit'))).toMatchObject({
      exitCode: 5,
      document: { type: 'error', exit_code: 5, message: expect.stringContaining('box1') },
    });
    expect(await busy).toMatchObject({ exitCode: 0 });
  });
});

describe('the --json of the program', () => {
  test.for([
    ['after --', ['box', '--', 'sh', '-c', 'echo "$1"', 'sh', '--json']],
    ['without --', ['box', 'sh', '-c', 'echo "$1"', 'sh', '--json']],
  ] as const)('%s is passed on, and does not change what jailctl prints', async ([, args]) => {
    const result = await host.jailctl(['exec', ...args]);
    expect(result).toEqual({ exitCode: 0, stdout: '--json\n', stderr: '' });
  });

  test.for([
    ['for a jail that is not there', ['none', '--', 'sh', '--json']],
    ['for a limit that can not be', ['--limit', 'memory=1TiB', 'box', '--', 'sh', '--json']],
    ['for a flag that is not one', ['--nope', 'box', '--', 'sh', '--json']],
    ['without --', ['none', 'sh', '--json']],
  ] as const)('does not make a document of an error %s', async ([, args]) => {
    const result = await host.jailctl(['exec', ...args]);
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toMatch(/^(?:jailctl|error): /);
  });
});
