import { describe, expect, test } from 'vitest';
import { exitCode } from '../../src/model/exit-code.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  jailUsers,
  manifestPath,
  shell,
  writeManifest,
} from './jails.ts';
import { atTheAccounts } from './lock-holder.ts';
import { countRaces, Storm } from './storm.ts';

const applying = ['apply', '--yes', '--file', manifestPath] as const;
const destroying = ['destroy', '--yes', '--destroy-data'] as const;

const jails = (users: number, more = '') => `
uids: 77000-77999
jails:
  web: { users: ${users}, tools: [sh, ls${more}] }
`;

/** Every update of others that worked is there in the end: what is not, is lost. */
function expectNothingLost(races: number, updates: number, lost: readonly string[]): void {
  countRaces(races, updates, lost.length);
  expect(updates).toBeGreaterThan(20);
  expect(lost).toEqual([]);
}

/**
 * One who makes accounts, changes them by every tool of shadow's, and removes every third. Each has
 * groups of their own: gpasswd reads a group before it takes the lock, so two of them lose updates of
 * each other, without any jailctl.
 */
const administrator = (name: string) => `
  user=${name}$n
  say "$user made" useradd --no-create-home --comment first $user
  say "$user comment" chfn --full-name second $user
  say "$user shell" usermod --shell /bin/true $user
  say "$user password" usermod --password "hash-of-$user" $user
  say "$user friends" gpasswd --add $user ${name}-friends
  say "$user own" usermod --append --groups ${name} $user
  if [ $((n % 3)) = 0 ]; then say "$user gone" userdel $user; fi`;

/** Lines of the account files, split at colons, by name. */
async function entries(
  host: TestHost,
  file: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = (await host.read(`/etc/${file}`)).split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.split(':')[0] ?? '', line.split(':')]));
}

/** Updates of administrators that the files do not show. */
async function lostUpdates(host: TestHost, done: readonly string[]): Promise<readonly string[]> {
  const [passwd, shadow] = [await entries(host, 'passwd'), await entries(host, 'shadow')];
  const [group, gshadow] = [await entries(host, 'group'), await entries(host, 'gshadow')];
  const listed = (user: string, suffix: string) => {
    const of = `${user.replace(/\d+$/, '')}${suffix}`;
    return [group, gshadow].every((file) => file.get(of)?.[3]?.split(',').includes(user));
  };
  const gone = new Set(done.filter((line) => line.endsWith(' gone')).map((it) => it.split(' ')[0]));
  const shows = (user: string, what: string): boolean => {
    switch (what) {
      case 'made':
        return [passwd, shadow, group, gshadow].every((file) => file.has(user));
      case 'comment':
        return passwd.get(user)?.[4]?.startsWith('second') === true;
      case 'shell':
        return passwd.get(user)?.[6] === '/bin/true';
      case 'password':
        return shadow.get(user)?.[1] === `hash-of-${user}`;
      case 'friends':
        return listed(user, '-friends');
      case 'own':
        return listed(user, '');
      default:
        return false;
    }
  };
  const isGone = (user: string) =>
    ![passwd, shadow, group, gshadow].some((file) => file.has(user)) &&
    !listed(user, '') &&
    !listed(user, '-friends');
  return done.filter((line) => {
    const [user = '', what = ''] = line.split(' ');
    return gone.has(user) ? what === 'gone' && !isGone(user) : !shows(user, what);
  });
}

describe('while others edit the account files', { timeout: 240_000 }, () => {
  test('no update of theirs is lost, no lock is left, and jailctl comes to its end', async () => {
    await using host = await testHost();
    await shell(host, 'for name in ada bob eve; do groupadd $name; groupadd $name-friends; done');
    const storm = await Storm.begin(host, ['ada', 'bob', 'eve'].map(administrator));
    const rounds = [3, 12, 5];
    for (const users of rounds) {
      await writeManifest(host, jails(users));
      await apply(host);
      await expectNothingToDo(host);
      expect(Object.keys(await jailUsers(host))).toHaveLength(users);
    }
    await destroy(host);
    const { done } = await storm.end();
    const updates = done.flat();
    expectNothingLost(rounds.length + 1, updates.length, await lostUpdates(host, updates));
    expect(await shell(host, 'grpck -r; pwck -qr || true')).not.toMatch(/web|ada|bob|eve/);
    const left = 'ls -A /etc | grep -E "lock$|jailctl|^(passwd|g?shadow|group)[.+]"';
    expect(await shell(host, left)).toBe('.pwd.lock\n');
  });

  test('it waits for who has them locked by /etc/.pwd.lock', async () => {
    await using host = await testHost();
    await writeManifest(host, jails(2));
    const during = { users: -1 };
    const ended = await atTheAccounts(host, applying, async () => {
      during.users = Object.keys(await jailUsers(host)).length;
    });
    expect([during.users, ended.exitCode]).toEqual([0, exitCode.done]);
    await expectNothingToDo(host);
  });

  test('it waits for an administrator in vipw, and says who it is when that takes too long', async () => {
    await using host = await testHost();
    await writeManifest(host, jails(2));
    await shell(host, 'mkfifo /run/saved');
    const editing = host.spawn(['vipw'], {
      env: { EDITOR: "sh -c 'echo editing; cat /run/saved; :'" },
    });
    await editing.printed('editing');
    const late = await host.jailctl(applying);
    expect(late).toMatchObject({
      exitCode: exitCode.failed,
      stderr: expect.stringMatching(/the account files are locked by vipw \(PID \d+\)/),
    });
    expect(await jailUsers(host)).toEqual({});
    await shell(host, 'echo >/run/saved');
    await editing.result();
    await apply(host);
    await expectNothingToDo(host);
  });

  test('it makes no account whose UID somebody has taken since the plan', async () => {
    await using host = await testHost();
    await writeManifest(host, jails(2));
    // By hand, as an installer does that knows of no lock.
    const take = () => shell(host, 'echo thief:x:77001:9::/:/bin/sh >>/etc/passwd');
    const ended = await atTheAccounts(host, applying, take);
    expect(ended).toMatchObject({
      exitCode: exitCode.failed,
      stderr: expect.stringContaining('thief in /etc/passwd has the UID 77001 of web2'),
    });
    expect(await jailUsers(host)).toEqual({});
    await shell(host, 'sed -i /^thief:/d /etc/passwd');
    await apply(host);
    await expectNothingToDo(host);
  });

  test('it says so when the UID of a user that it has is taken meanwhile', async () => {
    await using host = await testHost();
    await writeManifest(host, jails(2));
    await apply(host);
    await writeManifest(host, jails(3));
    const take = () => shell(host, 'echo thief:x:77000:9::/:/bin/sh >>/etc/passwd');
    const ended = await atTheAccounts(host, applying, take);
    expect(ended).toMatchObject({
      exitCode: exitCode.usage,
      stderr: expect.stringContaining('77000-77999 holds the account thief (77000)'),
    });
  });

  test('it says so when the place of a jail is opened to everybody meanwhile', async () => {
    await using host = await testHost();
    await writeManifest(host, `root: /srv\n${jails(2)}`);
    const ended = await atTheAccounts(host, applying, () => shell(host, 'chmod 0777 /srv'));
    expect(ended).toMatchObject({
      exitCode: exitCode.failed,
      stderr: expect.stringMatching(
        /still differs.*jail\/web \(the place for \/srv\/web is not safe/,
      ),
    });
  });
});

describe('several jailctls at once', { timeout: 120_000 }, () => {
  test('work one after the other, or are refused', async () => {
    await using host = await testHost();
    const codes = new Set<number | undefined>();
    for (const users of [4, 2, 6]) {
      await writeManifest(host, jails(users));
      const all = [applying, destroying, applying, applying].map((args) => host.jailctl(args));
      for (const { exitCode: code, stderr } of await Promise.all(all)) {
        codes.add(code);
        if (code === exitCode.locked) expect(stderr).toContain('another jailctl is at work');
      }
      expect(await shell(host, 'grpck -r; ls -A /run | grep jailctl.lock || true')).toBe('');
      await apply(host);
      await expectNothingToDo(host);
      countRaces(all.length);
    }
    expect([...codes].sort()).toEqual([exitCode.done, exitCode.locked]);
  });
});
