import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { Start } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { faults } from '../documents/schemas.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { provision } from './exec-jail.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await provision(host, 'uids: 82500-82599\njails: { web: { users: 1, tools: [sh] } }\n');
});
afterAll(() => host[Symbol.asyncDispose]());

// Nothing of a context is used as long as no command runs.
const commands = createProgram({ version: '' } as Start, { exitCode: 0 }).commands.map((one) =>
  one.name(),
);

describe.for(commands)('%s --json', (command) => {
  test.for([
    ['before a wrong flag', [command, '--json', '--nope']],
    ['after a wrong flag', [command, '--nope', '--json']],
    ['with a value', [command, '--json=1']],
    ['and arguments that nobody asked for', [command, '--json', ...'abcdef']],
    ['and a flag without its value', [command, '--json', '--file']],
  ] as const)('prints an error as JSON and nothing else: %s', async ([, args]) => {
    const { exitCode, stdout, stderr } = await host.jailctl(args);
    expect(stderr).toBe('');
    const document = JSON.parse(stdout);
    expect(faults('error', document)).toEqual([]);
    expect(document.exit_code).toBe(exitCode);
    expect(exitCode).toBe(3);
  });
});

test.for([
  [['--json'], "unknown option '--json'"],
  [['help', 'nope', '--json'], "unknown command 'nope'"],
  [['--nope', '--json'], "unknown option '--nope'"],
] as const)('without a command, %j prints JSON', async ([args, message]) => {
  const { exitCode, stdout, stderr } = await host.jailctl(args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ type: 'error', message });
});

test('no command at all is a mistake, told by the variable of --json too', async () => {
  const { exitCode, stdout } = await host.jailctl([], { env: { JAILCTL_JSON: '1' } });
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    message: 'which command?',
    hint: 'jailctl --help shows them',
  });
});

describe('what was meant', () => {
  test.for([
    [['aply'], 'Did you mean apply?'],
    [['help', 'sttaus'], 'Did you mean status?'],
    [['--vresion'], 'Did you mean --version?'],
    [['plan', '--colour', 'never'], 'Did you mean --color?'],
    [['exec', '--fresh-hom', 'web', '--', 'sh'], 'Did you mean --fresh-home?'],
    [['plan', '--color', 'alwys'], 'Did you mean always?'],
    [['exec', '--engine', 'rnc', 'web', '--', 'sh'], 'Did you mean runc?'],
    [['schema', 'doctr'], 'Did you mean doctor?'],
    [['completion', 'bsh'], 'Did you mean bash?'],
    [['plan', '-f', '/srv/jails.yaml', '--jail', 'wbe'], 'did you mean web?'],
    [['status', '--jail', 'wbe'], 'did you mean web?'],
    [['destroy', '--jail', 'wbe'], 'did you mean web?'],
    [['explain', '-f', '/srv/jails.yaml', 'wbe'], 'did you mean web?'],
    [['exec', 'wbe', '--', 'sh'], 'did you mean web?'],
    [['exec', '--limit', 'memroy=64MiB', 'web', '--', 'sh'], 'did you mean memory?'],
    [['verify', '--only', 'file'], 'did you mean files?'],
  ] as const)('is suggested: %j', async ([args, hint]) => {
    const { exitCode, stdout, stderr } = await host.jailctl(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(hint);
  });

  test('is not guessed where nothing is near', async () => {
    const { stderr } = await host.jailctl(['status', '--jail', 'something-else']);
    expect(stderr).toContain('hint: jails: web\n');
    const { stderr: choices } = await host.jailctl(['plan', '--color', 'crimson']);
    expect(choices).toContain('Allowed choices are auto, always, never.\n');
    expect(choices).not.toContain('Did you mean');
  });
});

test.for(['--version', '-V'])('%s prints the version and nothing else', async (flag) => {
  const version = `${packageJson.version}\n`;
  expect(await host.jailctl([flag])).toMatchObject({ exitCode: 0, stdout: version, stderr: '' });
});
