import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, expectNothingToDo, jailUsers, shell, writeManifest } from './jails.ts';

const jails = `
uids: 76000-76999
root: /srv/jails
jails:
  web: { users: 2, tools: [sh, ls, su, /opt/tool], network: host }
  offline: { users: 0, tools: [/opt/tool] }
`;

/** What a host may have, and no jail. */
const hostFiles = `
  mkdir -p /opt/tool/wide
  for name in setuid setgid sticky capable acl open foreign; do
    cp /bin/true /opt/tool/$name; chmod 0755 /opt/tool/$name
  done
  chown 5:5 /opt/tool/foreign
  chmod 4755 /opt/tool/setuid; chmod 2755 /opt/tool/setgid; chmod 1755 /opt/tool/sticky
  chmod 0777 /opt/tool /opt/tool/open; touch /opt/tool/wide/file
  chmod 0666 /opt/tool/wide/file; chmod 0775 /opt/tool/wide
  setcap cap_setuid,cap_net_raw+ep /opt/tool/capable
  setfacl --modify user:5:rwx,group:6:rw /opt/tool/acl
  setfacl --modify user:5:rwx,default:user:5:rwx /opt/tool/wide
  setfattr --name=user.note --value=text /opt/tool/acl
  mknod /opt/tool/disk b 8 0; mknod /opt/tool/memory c 1 1; mkfifo /opt/tool/fifo
  python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/opt/tool/socket")'
`;

/** The directory that holds the jails gives a group and ACLs to what is made in it. */
const jailsRoot = `
  mkdir -p /srv/jails; chown :5 /srv/jails; chmod 2755 /srv/jails
  setfacl --modify default:user:5:rwx,default:group:6:rwx /srv/jails
`;

describe('a tree of a host full of privileges', () => {
  let host: TestHost;
  let applied: string;
  beforeAll(async () => {
    host = await testHost();
    await shell(host, hostFiles);
    await shell(host, jailsRoot);
    await writeManifest(host, jails);
    applied = await apply(host);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const find = (text: string) => shell(host, `find /srv/jails/* ${text}`);

  test('is applied, and nothing is left to do', async () => {
    expect(applied).toContain('Done: ');
    await expectNothingToDo(host);
    expect(await find('-type f -path "*/opt/tool/*" -printf "%f %m %U:%G\\n" | sort -u')).toBe(
      ['acl', 'capable', 'file', 'foreign', 'open', 'setgid', 'setuid', 'sticky']
        .map((name) => `${name} ${name === 'file' ? '644' : '755'} 0:0\n`)
        .join(''),
    );
  });

  test('has no setuid, setgid or sticky bit', async () => {
    expect(await find('-perm /7000')).toBe('');
  });

  test('has no file capability', async () => {
    expect(await shell(host, 'getcap -r /opt/tool')).toContain('capable');
    expect(await shell(host, 'getcap -r /srv/jails')).toBe('');
  });

  test('has no ACL and no other extended attribute', async () => {
    expect(await shell(host, 'getfacl --numeric --skip-base --recursive /opt/tool')).toContain(
      'user:5',
    );
    const facl = 'getfacl --numeric --skip-base --recursive --absolute-names /srv/jails/*';
    expect(await shell(host, facl)).toBe('');
    const fattr = 'getfattr --recursive --no-dereference --absolute-names --match=- /srv/jails/*';
    expect(await shell(host, fattr)).toBe('');
  });

  test('has nothing that group or others may write, but device nodes', async () => {
    expect(await find('-perm /022 ! -type l ! -type c')).toBe('');
    expect(await find('-type c -printf "%f %m\\n" | sort -u')).toBe(
      'full 666\nnull 666\nrandom 666\nurandom 666\nzero 666\n',
    );
  });

  test('belongs to root, but the homes', async () => {
    const { web1, web2 } = await jailUsers(host);
    expect(
      await find('! ( -uid 0 -gid 0 ) -printf "%P %U:%G %m\\n" | sort'.replace(/[()]/g, '\\$&')),
    ).toBe(`home/web1 ${web1}:${web1} 700\nhome/web2 ${web2}:${web2} 700\n`);
  });

  test('has no device node, FIFO or socket but its own', async () => {
    expect(await find('-type b -o -type p -o -type s')).toBe('');
    expect(await find('-type c ! -path "*/dev/*"')).toBe('');
  });

  test('shares no inode with the host', async () => {
    // Files that jails share have all their names there.
    const names = `find /srv/jails ! -type d -links +1 -printf '%D:%i %n\\n' | sort | uniq -c`;
    expect(await shell(host, `${names} | awk '$1 != $3'`)).toBe('');
    await shell(host, 'ln /srv/jails/web/usr/bin/ls /opt/name-of-the-host');
    expect(await shell(host, `${names} | awk '$1 != $3'`)).not.toBe('');
    await shell(host, 'rm /opt/name-of-the-host');
  });

  test('stays so when files are replaced later', async () => {
    await shell(host, 'cp /bin/false /opt/tool/setuid; chmod 6755 /opt/tool/setuid');
    await shell(host, 'rm /srv/jails/web/usr/bin/ls; rm -r /srv/jails/offline');
    await apply(host);
    expect(await find('-perm /7022 ! -type l ! -type c')).toBe('');
    const facl = 'getfacl --numeric --skip-base --recursive --absolute-names /srv/jails/*';
    expect(await shell(host, facl)).toBe('');
    await expectNothingToDo(host);
  });
});
