import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, manifestPath, plan, shell, writeManifest } from './jails.ts';

describe('a file system that is mounted in a jail', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await writeManifest(host, 'root: /srv\njails:\n  web: { users: 1, tools: [/usr/bin/true] }\n');
    await apply(host);
    await shell(host, 'mkdir /opt/data; echo precious >/opt/data/file; mkdir /opt/data/deep');
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test.for(['/tmp', '/proc', '/usr/bin', '/etc'])(
    'at %s is in the way, and keeps its data',
    async (place) => {
      await shell(host, `mount --bind /opt/data /srv/web${place}`);
      const applied = await host.jailctl(['apply', '--yes', '--file', manifestPath]);
      const data = await shell(host, 'ls /opt/data; cat /opt/data/file');
      await shell(host, `umount /srv/web${place}`);
      expect(applied.stdout).toContain(
        `! a file system is mounted in the jail: /srv/web${place}\n    → unmount it: umount -- /srv/web${place}`,
      );
      expect(applied.stdout).toContain('Plan: 0 to create, 0 to update, 0 to delete; 1 in the way');
      expect(applied.exitCode).toBe(4);
      expect(data).toBe('deep\nfile\nprecious\n');
    },
  );

  test('is told when it is one of the kernel, whose files nobody can compare', async () => {
    await shell(host, 'mount -t proc proc /srv/web/proc');
    const planned = await host.jailctl(['plan', '--file', manifestPath]);
    await shell(host, 'umount /srv/web/proc');
    expect(planned).toMatchObject({ exitCode: 0, stderr: '' });
    expect(planned.stdout).toContain('! a file system is mounted in the jail: /srv/web/proc');
  });

  test.for(['/home', '/home/web1'])(
    'at %s is the homes, and none of it is looked at',
    async (place) => {
      await shell(
        host,
        `cp -a /srv/web/home /opt/homes; mount --bind /opt${place.replace('/home', '/homes')} /srv/web${place}`,
      );
      const { text } = await plan(host);
      await shell(host, `umount /srv/web${place}; rm -r /opt/homes`);
      expect(text).toMatch(/^Nothing to do/);
    },
  );
});
