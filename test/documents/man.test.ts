import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Start } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { type TestHost, testHost } from '../rig/host.ts';

// Nothing of a context is used as long as no command runs.
const program = createProgram({ version: '' } as Start, { exitCode: 0 });
const commands = program.commands.filter((one) =>
  program.createHelp().visibleCommands(program).includes(one),
);
const script = new URL('../../scripts/man.ts', import.meta.url).pathname;
const schemaPath = new URL('../../schemas/jails.schema.json', import.meta.url);
const directory = '/run/man';
const pages = ['jailctl.1', 'jails.yaml.5'] as const;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  const env = { SOURCE_DATE_EPOCH: '1767225600' };
  await host.ok([process.execPath, script, directory], { env });
});
afterAll(() => host[Symbol.asyncDispose]());

/** A page as a person reads it, on very long lines: all of an option stands on one. */
async function shown(page: string): Promise<string> {
  const text = await host.ok(['mandoc', '-T', 'ascii', '-O', 'width=900', `${directory}/${page}`]);
  // Bold is written as letter, backspace, letter.
  return text
    .split('\b')
    .map((piece, index, all) => (index === all.length - 1 ? piece : piece.slice(0, -1)))
    .join('');
}

describe.for(pages)('%s', (page) => {
  const path = `${directory}/${page}`;

  test('has no fault that mandoc finds', async () => {
    const { exitCode, stdout, stderr } = await host.run([
      ...(['mandoc', '-T', 'lint', '-W', 'warning', path] as const),
    ]);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('is formatted without a warning by groff and by man', async () => {
    for (const argv of [
      ['groff', '-ww', '-man', '-k', '-Tutf8', path],
      ['man', '--warnings=w', '--local-file', path],
    ] as const) {
      const { exitCode, stdout, stderr } = await host.run(argv);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain('2026-01-01');
    }
  });

  test('is found by man', async () => {
    const section = page.slice(-1);
    await host.ok([
      'sh',
      '-c',
      `mkdir -p /run/mans/man${section}; cp ${path} /run/mans/man${section}`,
    ]);
    const found = await host.ok(['man', '-M', '/run/mans', '-w', section, page.slice(0, -2)]);
    expect(found.trim()).toBe(`/run/mans/man${section}/${page}`);
  });
});

describe('jailctl(1)', () => {
  test('has every command with every argument, option, choice and variable', async () => {
    const text = await shown('jailctl.1');
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) {
      const [, part = ''] = text.split(new RegExp(`^ {3}jailctl ${command.name()} .*$`, 'm'));
      const [own = ''] = part.split(/^ {3}jailctl |^ENVIRONMENT$|^EXIT STATUS$/m);
      expect(own, command.name()).toContain(command.description());
      for (const option of command.options) {
        expect(own, `${command.name()} ${option.flags}`).toContain(option.flags);
        expect(own, `${command.name()} ${option.flags}`).toContain(option.description);
        if (option.envVar !== undefined) expect(own).toContain(`Variable: ${option.envVar}.`);
        if (option.argChoices) expect(own).toContain(`One of ${option.argChoices.join(', ')}.`);
      }
      for (const argument of command.registeredArguments) {
        expect(own, command.name()).toContain(argument.description);
        if (argument.argChoices) expect(own).toContain(argument.argChoices.join(', '));
      }
    }
  });

  test('has no hidden command, and what is not of a command', async () => {
    const text = await shown('jailctl.1');
    expect(text).not.toMatch(/^ {3}jailctl complete /m);
    const [, environment = ''] = text.split('\nENVIRONMENT\n');
    for (const { envVar } of commands.flatMap((command) => command.options)) {
      if (envVar !== undefined) expect(environment).toContain(`${envVar}\n`);
    }
    const [, codes = ''] = text.split('\nEXIT STATUS\n');
    const [, help = ''] = (await host.jailctl(['--help'])).stdout.split('Exit codes:');
    const words = (some: string) => some.split(/\s+/).filter((word) => word !== '');
    expect(words(codes.split('\nENVIRONMENT\n')[0] ?? '')).toEqual(words(help));
  });
});

/** The name of every field in a schema, at any depth. */
function fieldNames(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'examples' || key === 'default') return [];
    return key === 'properties'
      ? Object.entries(value).flatMap(([name, field]) => [name, ...fieldNames(field)])
      : fieldNames(value);
  });
}

test('jails.yaml(5) has every field of a manifest, and every choice', async () => {
  const text = await shown('jails.yaml.5');
  const schema = JSON.parse(readFileSync(schemaPath, 'utf8'));
  const names = fieldNames(schema);
  expect(names.length).toBeGreaterThan(40);
  const count = (name: string) => names.filter((one) => one === name).length;
  for (const name of names) {
    const items = text.match(new RegExp(`^ {7}${name}(?:$| )`, 'gm')) ?? [];
    expect(items.length, name).toBeGreaterThanOrEqual(count(name));
  }
  for (const { enum: choices } of Object.values<{ enum?: string[] }>(schema.definitions)) {
    if (choices) expect(text).toContain(choices.join(', '));
  }
});
