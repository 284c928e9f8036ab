import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, writeManifest } from './jails.ts';

const exec = (host: TestHost, args: readonly string[], script: string) =>
  host.jailctl(['exec', ...args, '--', 'sh', '-c', script]);

describe('on a host with cgroups', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost({ cgroups: true });
    await writeManifest(
      host,
      `
uids: 87000-87999
defaults: { engine: runc }
jails:
  fresh: { users: 1, tools: [sh, cat], home: fresh, limits: { cpus: 0.5, tmp_size: 64KiB } }
  plain: { users: 1, tools: [sh, cat], engine: chroot }
`,
    );
    await apply(host);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test('a jail has the home that its manifest says, and its size is that of /tmp', async () => {
    const script = 'cat ~/file 2>/dev/null; echo kept >~/file; cat ~/file';
    for (const _ of [1, 2]) {
      expect(await exec(host, ['fresh'], script)).toMatchObject({ exitCode: 0, stdout: 'kept\n' });
    }
    const long = 'x=xxxxxxxxxxxxxxxx; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do x=$x$x; done; ';
    for (const directory of ['~', '/tmp']) {
      const write = `${long}echo $x >${directory}/big || exit 9`;
      expect(await exec(host, ['fresh'], write), directory).toMatchObject({ exitCode: 9 });
      const larger = ['--allow-raise', '--limit', 'tmp_size=1MiB', 'fresh'];
      expect(await exec(host, larger, write), directory).toMatchObject({ exitCode: 0 });
    }
  });

  test('a jail has the engine that its manifest says, unless the caller names one', async () => {
    const engineOf = async (...args: string[]) =>
      JSON.parse((await exec(host, ['--json', ...args], 'exit')).stdout).engine;
    expect(await engineOf('fresh')).toBe('runc');
    expect(await engineOf('plain')).toBe('chroot');
    expect(await engineOf('--engine', 'runc', 'plain')).toBe('runc');
  });

  test('a limit of the manifest is in force, and is not made weaker in silence', async () => {
    const { stdout } = await exec(host, ['--json', 'fresh'], 'exit');
    expect(JSON.parse(stdout).limits.cpus).toMatchObject({ state: 'in_force' });
    const raised = await exec(host, ['--limit', 'cpus=1', 'fresh'], 'exit');
    expect(raised).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("cpus=1 is more than the jail's limit of 0.5"),
    });
  });

  test('a jail whose marker is of an older form is not run, and apply mends it', async () => {
    const marker = '/plain/.jailctl/settings.json';
    await host.ok(['sed', '-i', '/"home":/d', marker]);
    const refused = await exec(host, ['plain'], 'echo ran');
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    await apply(host);
    expect(await exec(host, ['plain'], 'echo ran')).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
  });
});

describe('on a host without cgroups', () => {
  test('a jail runs only when its manifest gives up what is missing', async () => {
    await using host = await testHost();
    const jails = (optional: string) => `
uids: 87000-87999
jails: { box: { users: 1, tools: [sh], engine: chroot, optional: [${optional}] } }
`;
    await writeManifest(host, jails(''));
    await apply(host);
    const refused = await exec(host, ['box'], 'echo ran');
    expect(refused).toMatchObject({
      exitCode: 125,
      stdout: '',
      stderr: expect.stringMatching(/memory can't be enforced[\s\S]*`optional`/),
    });
    await writeManifest(host, jails('memory'));
    await apply(host);
    const { stdout } = await exec(host, ['--json', 'box'], 'echo ran');
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'ok',
      limits: { memory: { state: 'absent' } },
    });
  });
});
