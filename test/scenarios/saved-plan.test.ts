import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectValid } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jsonLines, onTerminal, requirement, stateOf } from './cli.ts';
import { destroy, expectNothingToDo, manifestPath, shell, writeManifest } from './jails.ts';

const saved = '/run/plan.json';
const file = ['--file', manifestPath] as const;
const web = (more = '') => `jails:\n  web: { users: 2, tools: [ls]${more} }\n`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host[Symbol.asyncDispose]());

/** `jailctl plan --out`, which must work. */
async function save(...args: string[]): Promise<string> {
  const result = await host.jailctl(['plan', ...file, '--out', saved, ...args]);
  expect(result.exitCode, result.stderr).toBe(0);
  return result.stdout;
}

const applySaved = (...args: string[]) => host.jailctl(['apply', saved, '--yes', ...args]);
const facts = async () => JSON.parse(await host.read(saved)).facts;

/** A host with the jail as applied, and a saved plan that makes it larger. */
async function ready(after = web(', network: host')): Promise<void> {
  await writeManifest(host, web());
  const applied = await host.jailctl(['apply', '--yes', '--destroy-data', ...file]);
  expect(applied.exitCode, applied.stderr).toBe(0);
  await writeManifest(host, after);
  await save();
}

describe('a saved plan', () => {
  test('is a file for root alone, is carried out once, and is then refused', async () => {
    await writeManifest(host, web());
    const shown = await save();
    expect(await host.ok(['stat', '--format=%a %U', saved])).toBe('600 root\n');
    const document = JSON.parse(await host.read(saved));
    expectValid('saved-plan', document);
    expect(document).toMatchObject({
      manifest: { path: manifestPath },
      jails: null,
      archive: null,
      text: shown.trimEnd().split('\n'),
    });
    const applied = await applySaved();
    expect(applied.exitCode, applied.stderr).toBe(0);
    expect(applied.stdout).toContain('Done: this host is as the manifest says.');
    await expectNothingToDo(host);
    const before = await stateOf(host);
    expect(await applySaved()).toMatchObject({
      exitCode: 8,
      stdout: '',
      stderr: expect.stringContaining('it seems to be applied already'),
    });
    expect(await stateOf(host)).toEqual(before);
    await destroy(host);
  });

  test('of nothing is carried out as often as anybody likes', async () => {
    await ready(web());
    for (let count = 0; count < 2; count += 1) {
      const { exitCode, stdout } = await applySaved();
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: /Nothing to do/ });
    }
  });

  test('stays far below a megabyte for all of Python, and says each path in it', async () => {
    await writeManifest(
      host,
      `jails:\n  py: { users: 1, requirements: [${requirement('python3')}] }\n`,
    );
    await save();
    const text = await host.read(saved);
    expect(text.length).toBeLessThan(500_000);
    const { facts: all } = JSON.parse(text);
    expect(all.length).toBeGreaterThan(1000);
    expect(text.split('\n').length).toBeGreaterThan(all.length);
  });

  test('asks, and wants a word of its own for data, as any apply does', async () => {
    await ready('jails:\n  web: { users: 1, tools: [ls] }\n');
    await shell(host, 'echo data >/web/home/web2/file');
    await save();
    expect(await host.jailctl(['apply', saved])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining(`jailctl apply ${saved} --yes --destroy-data`),
    });
    const no = await onTerminal(host, ['apply', saved], 'no\n');
    expect(no).toMatchObject({ exitCode: 4, stdout: /Make these changes\?/ });
    expect(await applySaved()).toMatchObject({ exitCode: 4, stderr: /--destroy-data/ });
    expect(await host.read('/web/home/web2/file')).toBe('data\n');
    expect(await applySaved('--destroy-data')).toMatchObject({ exitCode: 0 });
    await expectNothingToDo(host);
  });

  test('brings its own jails and its own archive', async () => {
    await ready('jails:\n  web: { users: 1, tools: [ls] }\n  new: { users: 1, tools: [ls] }\n');
    await shell(host, 'echo data >/web/home/web2/file; mkdir -p /var/homes');
    await save('--jail', 'web', '--archive', '/var/homes');
    expect((await applySaved('--destroy-data')).exitCode).toBe(0);
    expect(await shell(host, 'ls /var/homes')).toMatch(/^web-web2-/);
    expect((await host.run(['test', '-e', '/new'])).exitCode).toBe(1);
    await destroy(host);
  });

  test.for([
    ['--file', ['--file', manifestPath]],
    ['--jail', ['--jail', 'web']],
    ['--archive', ['--archive', '/var/homes']],
    ['--archive', ['--no-archive']],
  ] as const)('refuses %s beside it: it has its own', async ([flag, args]) => {
    await ready();
    const before = await stateOf(host);
    const result = await applySaved(...args);
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toContain(`${flag} and a saved plan do not go together`);
    expect(await stateOf(host)).toEqual(before);
  });

  test('goes with --json and --detailed-exitcode', async () => {
    await ready();
    const args = ['plan', ...file, '--out', saved, '--json', '--detailed-exitcode'];
    const planned = await host.jailctl(args);
    expect(planned).toMatchObject({ exitCode: 2, stderr: '' });
    expectValid('plan', JSON.parse(planned.stdout));
    const applied = await applySaved('--json');
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(jsonLines(applied.stdout).at(-1)).toMatchObject({ type: 'apply_finished' });
  });

  test('is not written where something is in the way', async () => {
    await writeManifest(host, `${web()}  other: { users: 1, tools: [ls] }\n`);
    await shell(host, `rm -f ${saved}; mkdir -p /other`);
    for (const [args, code] of [
      [[], 0],
      [['--detailed-exitcode'], 2],
    ] as const) {
      const result = await host.jailctl(['plan', ...file, '--out', saved, ...args]);
      expect(result).toMatchObject({ exitCode: code, stderr: /plan.json was not written/ });
    }
    expect((await host.run(['test', '-e', saved])).exitCode).toBe(1);
    await shell(host, 'rmdir /other');
  });

  test('holds no value of a variable and no password, in no form', async () => {
    await ready(web(', env: { TOKEN: hunter2, SAME: kept }'));
    await applySaved();
    await host.ok(['chpasswd'], { input: 'web1:correct horse\n' });
    const [hash = ''] = /\$[^:]*/.exec(await shell(host, 'grep ^web1: /etc/shadow')) ?? [];
    expect(hash).toMatch(/^\$/);
    await writeManifest(host, web(', env: { TOKEN: hunter3, SAME: kept }'));
    await save();
    const text = await host.read(saved);
    expect(text).not.toMatch(/hunter|correct horse/);
    expect(text).not.toContain(hash);
    expect(text).toContain('TOKEN');
    // Nor may a digest of the manifest be one that can be tried quickly.
    const sum = await shell(host, `sha256sum ${manifestPath} | cut -d ' ' -f 1`);
    expect(text).not.toContain(sum.trim());
    const { stdout } = await applySaved();
    expect(stdout).toContain('Done');
    await expectNothingToDo(host);
  });
});

test('the facts are in the file, one a line', async () => {
  await ready();
  const all = await facts();
  const lines = (await host.read(saved)).split('\n');
  for (const fact of all) {
    expect(lines.some((line) => line.startsWith(JSON.stringify(fact)))).toBe(true);
  }
  expect(all).toContainEqual({
    address: 'tree/web/home/web1',
    wanted: expect.stringMatching(/^home\nowner/),
  });
  await destroy(host);
});
