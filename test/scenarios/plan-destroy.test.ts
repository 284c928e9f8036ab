import { expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { jsonLines, stateOf } from './cli.ts';
import { apply, manifestPath, shell, writeManifest } from './jails.ts';

interface Planned {
  readonly changes: readonly { readonly address: string; readonly action: string }[];
  readonly conflicts: readonly { readonly message: string }[];
}

test('plan --destroy shows what destroy does, without a manifest, and changes nothing', async () => {
  await using host = await testHost();
  const planned = async (...args: string[]): Promise<Planned> =>
    JSON.parse((await host.jailctl(['plan', '--destroy', '--json', ...args])).stdout);
  const shown = await host.jailctl(['plan', '--destroy']);
  expect(shown).toMatchObject({
    exitCode: 0,
    stdout: 'Nothing to do: this host has nothing of jailctl.\n',
  });

  await writeManifest(
    host,
    'jails:\n  a: { users: 1, tools: [ls] }\n  b: { users: 1, tools: [] }\n',
  );
  await apply(host);
  await shell(host, `rm ${manifestPath}; echo mine >/a/home/a1/file`);
  const before = await stateOf(host);
  const { changes } = await planned();
  expect(await host.jailctl(['plan', '--destroy', '--detailed-exitcode'])).toMatchObject({
    exitCode: 2,
    stdout: expect.stringContaining("/home/a1: a user's data"),
  });
  expect((await planned('--jail', 'b')).changes.map(({ address }) => address)).not.toContain(
    'jail/a',
  );
  expect(await stateOf(host)).toEqual(before);

  const destroyed = await host.jailctl(['destroy', '--yes', '--destroy-data', '--json']);
  const applied = jsonLines(destroyed.stdout).filter(({ type }) => type === 'change_applied');
  expect(applied.map(({ address }) => address)).toEqual(changes.map(({ address }) => address));
  expect(changes.map(({ address }) => address)).toContain('jail/a');
});

test('a plan names an archive that apply or destroy would refuse', async () => {
  await using host = await testHost();
  await writeManifest(host, 'jails:\n  a: { users: 1, tools: [] }\n');
  await apply(host);
  await shell(host, 'echo mine >/a/home/a1/file; install -d -m 0777 /srv/open');
  const args = ['plan', '--destroy', '--json', '--archive'];
  const { conflicts }: Planned = JSON.parse((await host.jailctl([...args, '/srv/open'])).stdout);
  expect(conflicts).toMatchObject([{ message: expect.stringContaining('/srv/open') }]);
  const good: Planned = JSON.parse((await host.jailctl([...args, '/srv/kept'])).stdout);
  expect(good.conflicts).toEqual([]);
});
