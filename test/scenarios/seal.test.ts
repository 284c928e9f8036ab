import { describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath } from './cli.ts';
import { apply, expectNothingToDo, manifestPath, plan, shell, writeManifest } from './jails.ts';

const web = (users: number) => `
root: /srv
uids: 78000-78099
jails:
  web: { users: ${users}, tools: [ls] }
`;

/** Another content, of the same size and time. */
const alter = `
  cd /srv/web/usr/bin
  touch -r ls /run/time
  tr a b <ls >/run/altered
  cat /run/altered >ls
  touch -r /run/time ls`;

async function applied(): Promise<TestHost> {
  const host = await testHost();
  await writeManifest(host, web(1));
  await apply(host);
  await expectNothingToDo(host);
  return host;
}

/** An apply for one user more: it ends after the marker of the jail is written. */
async function cutApply(host: TestHost): Promise<void> {
  await writeManifest(host, web(2));
  const cp = '/usr/local/sbin/cp';
  await shell(host, `printf '#!/bin/sh\\necho no >&2; exit 1\\n' >${cp}; chmod 0755 ${cp}`);
  const { exitCode, stderr } = await host.jailctl(['apply', '--yes', '--file', manifestPath]);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('accounts: ')]);
  expect(await host.read('/srv/web/.jailctl/settings.json')).toContain('"web2"');
  await shell(host, `rm ${cp}`);
}

describe('the seal of a jail', () => {
  test('stays as old as its last comparison when an apply is cut', async () => {
    await using host = await applied();
    await shell(host, alter);
    expect((await plan(host)).text).toContain('~ /usr/bin/ls: its content was altered');
    await cutApply(host);
    expect((await plan(host)).text).toContain('~ /usr/bin/ls: its content was altered');
    await apply(host);
    await expectNothingToDo(host);
  });

  test('is none when it lies in the future', async () => {
    await using host = await applied();
    await shell(host, 'touch -d "1 hour" /srv/web/.jailctl/settings.json');
    await shell(host, `${alter}; setcap cap_setuid+ep ls`);
    const { text } = await plan(host);
    expect(text).toMatch(/~ \/usr\/bin\/ls: .*it has security\.capability/);
    expect(text).toMatch(/~ \/usr\/bin\/ls: .*its content was altered/);
    await apply(host);
    await expectNothingToDo(host);
    const seal = Number(await host.ok(['stat', '--format=%Y', '/srv/web/.jailctl/settings.json']));
    expect(seal).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('spares a plan what was compared already', async () => {
    await using host = await applied();
    const asked = async () => {
      const strace = [
        'strace',
        '-f',
        '-s',
        '4096',
        '-e',
        'trace=execve',
        '-o',
        '/run/calls',
      ] as const;
      await host.ok([...strace, '--', process.execPath, jailctlPath, 'plan', '-f', manifestPath]);
      const calls = (await host.read('/run/calls')).split('\n');
      return calls
        .filter((line) => line.includes('getfattr'))
        .join()
        .match(/"\/srv\/web\/usr[^"]*"/g);
    };
    await apply(host);
    expect(await asked()).toBe(null);
    await shell(host, 'setcap cap_setuid+ep /srv/web/usr/bin/ls');
    expect(await asked()).toEqual(['"/srv/web/usr/bin/ls"']);
  });
});
