import { describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, destroy, jailUsers, shell, writeManifest } from './jails.ts';

const jails = `
uids: 75000-75999
jails:
  web: { users: 3, tools: [sh, ls, sleep] }
  judge: { users: 5, tools: [sh], path: /srv/jails/deep/judge, network: host }
  offline: { users: 0, tools: [sh] }
`;

/** What a host has that is not jailctl's, some of it odd. */
const foreign = `
  useradd --create-home --password '$6$salt$hash' someone
  useradd --system web
  groupadd judges; usermod --append --groups judges someone
  for tables in iptables ip6tables; do
    $tables --new-chain FOREIGN
    $tables --append FOREIGN --match comment --comment 'a "quoted" -j JAILCTL: comment' --jump RETURN
    $tables --append OUTPUT --match owner --uid-owner 1000-1999 --jump FOREIGN
    $tables --append OUTPUT --match comment --comment "it's others'" --protocol tcp --jump ACCEPT
    $tables --table nat --append OUTPUT --protocol tcp --dport 81 --jump REDIRECT --to-ports 82
    $tables --policy FORWARD DROP
  done
  mkdir -p /srv/jails/deep/other /opt; echo kept >/srv/jails/deep/other/file
`;

/** The tools for packet rules make the filter table when they first need it, and never remove it. */
const ruleOfOthers =
  'iptables --append INPUT --jump RETURN; ip6tables --append INPUT --jump RETURN';

/** Other changes are seen by `changedPaths`. */
const directories = ['/srv', '/etc/security'];

async function state(host: TestHost) {
  const { mounts, ...snapshot } = await host.snapshot(directories);
  const top = await shell(
    host,
    'ls -A / /srv/jails/deep /var/lib /run /tmp /etc; iptables-save -t nat | grep -v "^#\\|^:"',
  );
  return { snapshot, mounts, top, changed: host.changedPaths() };
}

describe('destroy', () => {
  test('leaves accounts, rules of both families and files as they were, to the byte', async () => {
    await using host = await testHost();
    await shell(host, foreign);
    await writeManifest(host, jails);
    const before = await state(host);
    await apply(host);
    expect(Object.keys(await jailUsers(host))).toHaveLength(8);
    await shell(
      host,
      `chroot --userspec=web1 /web sleep 1002 >/dev/null 2>&1 &
       mkdir -p /web/home/web2/a/b; ln -s /etc /web/home/web2/a/etc; ln -s / /web/home/web2/root
       mkfifo /web/home/web2/fifo; chmod 0 /web/home/web2/a; chattr +i /web/x 2>/dev/null || true
       chown -R --no-dereference web2: /web/home/web2`,
    );
    const said = await destroy(host);
    expect(said).toMatch(/- \/home\/web2: a user's data/);
    expect(await state(host)).toEqual(before);
    expect(await shell(host, 'ps -e -o args= | grep "[s]leep 1002" || true')).toBe('');
  });

  test('leaves nothing when accounts were the last lines of files without a final newline', async () => {
    await using host = await testHost();
    await shell(host, `mkdir -p /srv/jails/deep; ${ruleOfOthers}`);
    await shell(
      host,
      `printf '# a comment\\n\\n+@netgroup::::::\\n+::::::' >>/etc/passwd
       printf '+:::' >>/etc/group; printf '#end' >>/etc/shadow; printf '\\n' >>/etc/gshadow`,
    );
    await writeManifest(host, jails);
    const before = await state(host);
    await apply(host);
    expect(await host.read('/etc/passwd')).toMatch(/web3:.*\n\+@netgroup::::::\n\+::::::$/);
    await destroy(host);
    expect(await state(host)).toEqual(before);
  });

  test('leaves nothing of a jail whose directory or account somebody removed', async () => {
    await using host = await testHost();
    await shell(host, `mkdir -p /srv/jails/deep; ${ruleOfOthers}`);
    await writeManifest(host, jails);
    const before = await state(host);
    await apply(host);
    await shell(
      host,
      'rm -r /web /var/lib/jailctl/pool.json; sed -i /^judge2:/d /etc/passwd /etc/shadow',
    );
    await destroy(host);
    expect(await state(host)).toEqual(before);
  });

  test('of one jail leaves the others as they are, and their fence', async () => {
    await using host = await testHost();
    await shell(host, `mkdir -p /srv/jails/deep; ${ruleOfOthers}`);
    await writeManifest(host, jails);
    await apply(host);
    // Not their ctime: a file that all shared has a name less.
    const list = 'find /web /offline -printf "%p %i %T@ %s %m\\n" | sort';
    const before = await shell(host, list);
    const result = await host.jailctl(['destroy', '--yes', '--destroy-data', '--jail', 'judge']);
    expect(result).toMatchObject({ exitCode: 0 });
    expect(Object.keys(await jailUsers(host)).sort()).toEqual(['web1', 'web2', 'web3']);
    expect(await shell(host, list)).toBe(before);
    expect(await shell(host, 'ls /srv/jails/deep')).toBe('');
    expect(await host.ask('tcp', '::1', 7777, { user: 75005 })).toBe('ECONNREFUSED');
  });

  test('says that nothing is to do where no jail is', async () => {
    await using host = await testHost();
    expect(await destroy(host)).toMatch(/^Nothing to do/);
    expect(host.changedPaths()).toEqual([]);
  });
});
