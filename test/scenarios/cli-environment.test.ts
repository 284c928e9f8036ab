import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { onTerminal } from './cli.ts';
import { manifestPath, writeManifest } from './jails.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  const jails = ['a', 'b', 'c'].map((name) => `  ${name}: { users: 1, tools: [ls] }\n`);
  await writeManifest(host, `jails:\n${jails.join('')}`);
});
afterAll(() => host[Symbol.asyncDispose]());

const inFile = { JAILCTL_FILE: manifestPath };
const escapeSequence = '\x1b[';

describe('the environment variable', () => {
  test('JAILCTL_FILE names the manifest, -f wins over it, and an empty one says nothing', async () => {
    expect(await host.jailctl(['plan'], { env: inFile })).toMatchObject({ exitCode: 0 });
    const other = await host.jailctl(['plan', '-f', 'other.yaml'], { env: inFile });
    expect(other).toMatchObject({ exitCode: 3, stderr: /there is no manifest "other.yaml"/ });
    const empty = await host.jailctl(['plan'], { env: { JAILCTL_FILE: '' }, cwd: '/srv' });
    expect(empty).toMatchObject({ exitCode: 3, stderr: /there is no manifest "jails.yaml"/ });
  });

  test('JAILCTL_JAIL lists jails with commas, and an empty one says nothing', async () => {
    const jailsIn = async (list: string) => {
      const env = { ...inFile, JAILCTL_JAIL: list };
      const { stdout } = await host.jailctl(['plan', '--json'], { env });
      const changes: { jail?: string }[] = JSON.parse(stdout).changes;
      return [...new Set(changes.flatMap(({ jail }) => jail ?? []))].sort();
    };
    expect(await jailsIn('a,c')).toEqual(['a', 'c']);
    expect(await jailsIn('b')).toEqual(['b']);
    expect(await jailsIn('')).toEqual(['a', 'b', 'c']);
  });

  const on = ['1', 'TRUE', 'yes'];
  const off = ['0', 'False', 'no', ''];

  test.for([...on, ...off])(
    'JAILCTL_JSON and JAILCTL_DETAILED_EXITCODE may say "%s"',
    async (word) => {
      const json = await host.jailctl(['plan'], { env: { ...inFile, JAILCTL_JSON: word } });
      expect(json.stdout.startsWith('{')).toBe(on.includes(word));
      const env = { ...inFile, JAILCTL_DETAILED_EXITCODE: word };
      const detailed = await host.jailctl(['plan'], { env });
      expect(detailed.exitCode).toBe(on.includes(word) ? 2 : 0);
    },
  );

  test.for(off)('JAILCTL_YES approves nothing when it says "%s"', async (word) => {
    const result = await host.jailctl(['apply'], { env: { ...inFile, JAILCTL_YES: word } });
    expect(result.exitCode).toBe(4);
    expect((await host.run(['test', '-e', '/a'])).exitCode).toBe(1);
  });

  test('JAILCTL_YES that says neither yes nor no is a mistake', async () => {
    const result = await host.jailctl(['apply'], { env: { ...inFile, JAILCTL_YES: 'perhaps' } });
    expect(result).toMatchObject({
      exitCode: 3,
      stderr:
        'jailctl: JAILCTL_YES is "perhaps", which says neither yes nor no\n' +
        '  hint: JAILCTL_YES=1 turns --yes on, JAILCTL_YES=0 turns it off\n',
    });
  });

  test('JAILCTL_YES approves when it says "1"', async () => {
    const env = { ...inFile, JAILCTL_YES: '1', JAILCTL_JAIL: 'a' };
    expect(await host.jailctl(['apply'], { env })).toMatchObject({ exitCode: 0 });
    expect(await host.jailctl(['destroy'], { env: { JAILCTL_YES: 'true' } })).toMatchObject({
      exitCode: 0,
    });
  });

  test('JAILCTL_COLOR says when to colour, and an empty one says nothing', async () => {
    const colored = async (word: string) => {
      const env = { ...inFile, JAILCTL_COLOR: word };
      const { exitCode, stdout } = await host.jailctl(['plan'], { env });
      expect(exitCode).toBe(0);
      return stdout.includes(escapeSequence);
    };
    expect(await colored('always')).toBe(true);
    expect(await colored('never')).toBe(false);
    expect(await colored('')).toBe(false);
    const wrong = await host.jailctl(['plan'], { env: { ...inFile, JAILCTL_COLOR: 'red' } });
    expect(wrong).toMatchObject({ exitCode: 3, stderr: /from env 'JAILCTL_COLOR' is invalid/ });
  });
});

describe('colours', () => {
  const plan = ['plan', '--file', manifestPath];
  const bad = ['plan', '--file', '/run/bad.yaml'];

  test.for([
    ['on a terminal', {}, [], true],
    ['not with NO_COLOR', { NO_COLOR: '1' }, [], false],
    ['with an empty NO_COLOR', { NO_COLOR: '' }, [], true],
    ['not in CI', { CI: 'true' }, [], false],
    ['not on a dumb terminal', { TERM: 'dumb' }, [], false],
    ['not with --color never', {}, ['--color', 'never'], false],
    ['with --color always, NO_COLOR or not', { NO_COLOR: '1' }, ['--color', 'always'], true],
  ] as const)('are there %s, in a plan and in an error', async ([, env, flags, wanted]) => {
    await host.write('/run/bad.yaml', 'version: 1\njail: {}\n');
    for (const args of [plan, bad]) {
      const terminal = { env: { TERM: 'xterm', ...env } };
      const { stdout } = await onTerminal(host, [...args, ...flags], '', terminal);
      expect(stdout.includes(escapeSequence), args.join(' ')).toBe(wanted);
    }
  });

  test('are not there in a pipe, and progress neither draws nor colours', async () => {
    const result = await host.jailctl(['apply', '--yes', '--jail', 'a', '--file', manifestPath]);
    expect(result.exitCode).toBe(0);
    expect(result.stdout + result.stderr).not.toContain('\x1b');
    expect(result.stderr).toContain('accounts: 1 to create');
  });

  test('progress draws nothing in CI, though there is a terminal', async () => {
    const args = ['apply', '--yes', '--jail', 'b', '--file', manifestPath];
    const result = await onTerminal(host, args, '', { env: { TERM: 'xterm', CI: 'true' } });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('accounts: 1 to create');
    expect(result.stdout).not.toContain('\x1b');
  });
});
