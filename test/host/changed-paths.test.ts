import { describe, expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { nested } from '../rig/nested.ts';

/** Runs shell text in a fresh host, and gives what changed as lines: change, path, reasons. */
async function changesAfter(script: string) {
  await using host = await testHost();
  await host.ok(['sh', '-euc', script]);
  return host
    .changedPaths()
    .map(({ change, path, reasons }) => [change, path, ...reasons].join(' | '));
}

describe('the changed paths', () => {
  test('are none on a fresh host', async () => {
    expect(await changesAfter('true')).toEqual([]);
  });

  test('are none when a file is rewritten with what it held', async () => {
    const script =
      'cp --preserve=mode /etc/passwd /etc/new; mv /etc/new /etc/passwd; touch /etc/group';
    expect(await changesAfter(script)).toEqual([]);
  });

  test('are none when what was made is removed again', async () => {
    const script =
      'mkdir -p /srv/a/b; ln -s x /srv/a/b/c; rm -r /srv/a; mv /etc/hosts /etc/h; mv /etc/h /etc/hosts';
    expect(await changesAfter(script)).toEqual([]);
  });

  test('name each path that was created', async () => {
    expect(await changesAfter('mkdir /srv/a; touch /srv/a/file; mkfifo /srv/a/fifo')).toEqual([
      'created | /srv/a',
      'created | /srv/a/fifo',
      'created | /srv/a/file',
    ]);
  });

  test('name each path that was deleted', async () => {
    const changes = await changesAfter('rm /etc/hostname; rm -r /etc/skel');
    expect(changes).toContain('deleted | /etc/hostname');
    expect(changes).toContain('deleted | /etc/skel');
    expect(changes).toContain('deleted | /etc/skel/.profile');
    expect(changes.every((line) => /^deleted \| \/etc\/(hostname|skel)/.test(line))).toBe(true);
  });

  test('tell content of the same size, sizes, modes, owners and targets', async () => {
    const script = `
      sed -i 's/^root:x:0:0:root:/root:x:0:0:toor:/' /etc/passwd
      echo >>/etc/group
      chmod 0604 /etc/hosts
      chown 5:6 /etc/hostname
      chmod 2755 /etc/skel
      ln -sfn elsewhere /etc/mtab
    `;
    expect(await changesAfter(script)).toEqual([
      expect.stringMatching(/^changed \| \/etc\/group \| size \d+ bytes, was \d+$/),
      expect.stringMatching(/^changed \| \/etc\/hostname \| owner 5:6, was 0:0$/),
      expect.stringMatching(/^changed \| \/etc\/hosts \| mode 0604, was 0\d{3}$/),
      expect.stringMatching(/^changed \| \/etc\/mtab \| target elsewhere, was /),
      'changed | /etc/passwd | content',
      'changed | /etc/skel | mode 2755, was 0755',
    ]);
  });

  test('tell ACLs, capabilities and other extended attributes', async () => {
    const script = `
      setfacl --modify=user:5:r /etc/hosts
      setcap cap_net_raw+ep /usr/bin/env
      setfattr --name=trusted.mark --value=1 /srv
      setfattr --name=trusted.mark --value=1 /etc/group; setfattr --remove=trusted.mark /etc/group
    `;
    expect(await changesAfter(script)).toEqual([
      'changed | /etc/hosts | extended attributes system.posix_acl_access, were none',
      'changed | /srv | extended attributes trusted.mark, were none',
      'changed | /usr/bin/env | extended attributes security.capability, were none',
    ]);
  });

  test('tell a path that was replaced by another type', async () => {
    const script = `
      rm /etc/hostname; mkdir /etc/hostname; touch /etc/hostname/inside
      rm -r /etc/skel; ln -s /usr/share /etc/skel
      rm /etc/mtab; mknod /etc/mtab c 1 3
    `;
    const changes = await changesAfter(script);
    expect(changes.filter((line) => !line.startsWith('deleted | /etc/skel/'))).toEqual([
      'changed | /etc/hostname | directory, was file',
      'created | /etc/hostname/inside',
      'changed | /etc/mtab | character-device, was symlink',
      'changed | /etc/skel | symlink, was directory',
    ]);
    expect(changes).toContain('deleted | /etc/skel/.profile');
  });

  test('tell what a directory that was made anew lacks', async () => {
    const script =
      'mv /etc/skel /root/skel; mkdir /etc/skel; cp /root/skel/.profile /etc/skel; rm -r /root/skel';
    const changes = await changesAfter(script);
    expect(changes).toContain('deleted | /etc/skel/.bashrc');
    expect(changes.join('\n')).not.toContain('.profile');
  });

  test('tell every path of a directory that was renamed', async () => {
    const changes = await changesAfter('mv /etc/skel /etc/skel2');
    expect(changes).toEqual(expect.arrayContaining(['created | /etc/skel2/.profile']));
    expect(changes).toEqual(expect.arrayContaining(['deleted | /etc/skel/.profile']));
  });

  test('tell two directories that changed places', async () => {
    const changes = await changesAfter(
      'mv /etc/skel /etc/x; mv /etc/default /etc/skel; mv /etc/x /etc/default',
    );
    expect(changes).toContain('created | /etc/default/.profile');
    expect(changes).toContain('deleted | /etc/skel/.profile');
    expect(changes).toContain('created | /etc/skel/useradd');
  });

  test('keep names with spaces, newlines and backslashes', async () => {
    const script = String.raw`cd /srv; touch "a b" 'c\d' "$(printf 'e\nf')"`;
    expect(await changesAfter(script)).toEqual([
      'created | /srv/a b',
      String.raw`created | /srv/c\d`,
      'created | /srv/e\nf',
    ]);
  });

  test('tell extended attributes of files with such names', async () => {
    await using host = await testHost();
    await host.write('/srv/a\\b\nc', '');
    const changed = await nested(
      host,
      `await shell("setfattr --name=trusted.mark --value=1 /srv/*");
       return inner.changedPaths();`,
    );
    const reasons = ['extended attributes trusted.mark, were none'];
    expect(changed).toEqual([{ path: '/srv/a\\b\nc', change: 'changed', reasons }]);
  });

  test('do not hide a name that is not UTF-8', async () => {
    expect(await changesAfter(String.raw`touch "/srv/$(printf '\377')"`)).toEqual([
      'changed | /srv/\uFFFD | its name is not UTF-8',
    ]);
  });
});
