import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/model/step.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { type Files, type Jails, plan } from './model-host.ts';

const web: Jails = { web: { web1: 70000, web2: 70001 } };
const accountFiles = ['passwd', 'group', 'shadow', 'gshadow'] as const;

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function readFiles(host: TestHost): Promise<Files> {
  const files: Record<string, string> = {};
  for (const file of accountFiles) files[file] = await host.read(`/etc/${file}`);
  return files;
}

async function runStep(host: TestHost, step: Step) {
  if (step.op !== 'editAccounts') return undefined;
  const argv = [process.execPath, script('apply-edits.ts')] as const;
  return host.run(argv, { input: JSON.stringify(step.edits) });
}

/** Plans on the host's own files, carries it out there, and insists that nothing is left to do. */
async function apply(host: TestHost, owned: Jails, wanted: Jails): Promise<readonly string[]> {
  const planned = plan(await readFiles(host), owned, wanted);
  expect(planned.conflicts).toEqual([]);
  for (const step of planned.steps) {
    const result = await runStep(host, step);
    if (result !== undefined) expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  }
  expect(plan(await readFiles(host), wanted, wanted).changes).toEqual([]);
  return planned.changes.flatMap(({ action, reasons }) =>
    reasons.map((why) => `${action}: ${why}`),
  );
}

async function checkFiles(host: TestHost): Promise<void> {
  expect(await host.ok(['grpck', '-r'])).toBe('');
  const { stdout, stderr } = await host.run(['pwck', '-r']);
  expect((stdout + stderr).split('\n').filter((line) => line.includes('web'))).toEqual([]);
}

async function attributes(host: TestHost): Promise<string> {
  const paths = accountFiles.map((file) => `/etc/${file}`);
  return host.ok(['stat', '--format=%n %a %U:%G', '--', ...paths]);
}

/** What an administrator or a tool may do to an account, and the reason that must show. */
const drifts: readonly [string, string][] = [
  ['usermod --shell /bin/bash web1', 'update: shell /bin/bash, wanted /usr/sbin/nologin'],
  ['echo web1:secret | chpasswd', 'update: the password is not locked'],
  ['passwd --delete web1', 'update: the password is not locked'],
  ['usermod --uid 5555 web1', 'update: UID 5555, wanted 70000'],
  ['usermod --non-unique --uid 0 web1', 'update: UID 0, wanted 70000'],
  ['usermod --gid games web1', 'update: primary group 60, wanted 70000'],
  ['groupmod --gid 5556 web1', 'update: GID of the private group 5556, wanted 70000'],
  ['usermod --append --groups sudo web1', 'update: member of the group sudo'],
  ['gpasswd --administrators web1 sudo', 'update: member of the group sudo'],
  ['gpasswd --add daemon web1', 'update: members of the private group daemon, wanted none'],
  ['usermod --comment Bob web1', 'update: GECOS Bob, wanted jailctl jail web'],
  ['usermod --expiredate 2020-01-01 web1', 'update: account expiry 18262, wanted 1'],
  ['usermod --home /root web1', 'update: home /root, wanted /web/home/web1'],
  ['chage --maxdays 5 web1', 'update: maximum password age 5, wanted none'],
  ['sed -i /^web1:/d /etc/shadow', 'update: no entry in /etc/shadow'],
  ['sed -i /^web1:/d /etc/gshadow', 'update: no entry in /etc/gshadow'],
  ['groupdel --force web1', 'update: no entry in /etc/group'],
  ['userdel web1', 'create: the host has no such account'],
  ["echo ' web1:x:0:0::/:/bin/sh' >>/etc/passwd", 'update: 2 entries in /etc/passwd'],
];

describe('on a real host', () => {
  test('whatever is done to an account is seen and mended, and destroy restores every byte', async () => {
    await using host = await testHost();
    await host.ok(['mkdir', '--parents', '/web/home/web1', '/web/home/web2']);
    const before = await readFiles(host);
    const attributesBefore = await attributes(host);

    expect(await apply(host, {}, web)).toHaveLength(2);
    await checkFiles(host);
    expect(await host.ok(['id', 'web1'])).toBe(
      'uid=70000(web1) gid=70000(web1) groups=70000(web1)\n',
    );
    expect(await host.ok(['passwd', '--status', 'web1'])).toMatch(/^web1 L /);

    for (const [drift, reason] of drifts) {
      await host.ok(['sh', '-c', drift]);
      expect(await apply(host, web, web), drift).toContain(reason);
      await checkFiles(host);
    }

    await apply(host, web, {});
    expect(await readFiles(host)).toEqual(before);
    expect(await attributes(host)).toBe(attributesBefore);
    expect(await host.ok(['sh', '-c', 'ls -A /etc | grep -E "[.]lock$|jailctl|[.]edit$"'])).toBe(
      '.pwd.lock\n',
    );
  });

  test('foreign bytes survive: NIS lines, no last line end, carriage returns, no UTF-8', async () => {
    await using host = await testHost();
    const foreign = String.raw`printf 'bj\366rn:x:1500:1500:Bj\366rn\r:/home/b:/bin/sh\n# x\n\n+::::::' >>/etc/passwd`;
    await host.ok(['sh', '-c', foreign]);
    const digest = () => host.ok(['sha256sum', '--', '/etc/passwd']);
    const before = await digest();
    await apply(host, {}, web);
    expect(await host.ok(['getent', 'passwd', 'web2'])).toMatch(/^web2:x:70001:70001:/);
    await apply(host, web, {});
    expect(await digest()).toBe(before);
  });

  test('a host without gshadow gets none', async () => {
    await using host = await testHost();
    await host.ok(['rm', '/etc/gshadow']);
    const files = { ...(await readFilesBut(host, 'gshadow')) };
    for (const step of plan(files, {}, web).steps) await runStep(host, step);
    const after = await readFilesBut(host, 'gshadow');
    expect(plan(after, web, web).changes).toEqual([]);
    expect((await host.run(['test', '-e', '/etc/gshadow'])).exitCode).toBe(1);
  });

  test('an entry that changed since the plan stops the edit, and nothing is changed', async () => {
    await using host = await testHost();
    const { steps } = plan(await readFiles(host), {}, web);
    await host.ok(['groupadd', 'web2']);
    const before = await readFiles(host);
    const [step] = steps;
    if (step === undefined) throw new Error('no step');
    const result = await runStep(host, step);
    expect(result?.exitCode).toBe(1);
    expect(result?.stderr).toContain(
      'changed since the plan: the entry web2 in /etc/gshadow is new',
    );
    expect(await readFiles(host)).toEqual(before);
    expect(await host.ok(['sh', '-c', 'ls /etc | grep -c jailctl-new || true'])).toBe('0\n');
  });

  test('what a killed run left beside the files is replaced', async () => {
    await using host = await testHost();
    await host.write('/etc/passwd.jailctl-new', 'root::0:0::/:/bin/sh\n', 0o666);
    await host.write('/etc/gshadow.jailctl-new', 'x\n', 0o666);
    const before = await attributes(host);
    await apply(host, {}, web);
    expect(await attributes(host)).toBe(before);
    expect(await host.ok(['sh', '-c', 'ls /etc | grep -c jailctl-new || true'])).toBe('0\n');
  });
});

async function readFilesBut(host: TestHost, absent: string): Promise<Files> {
  const files: Record<string, string> = {};
  for (const file of accountFiles) {
    if (file !== absent) files[file] = await host.read(`/etc/${file}`);
  }
  return files;
}

describe('the lock', () => {
  test('keeps useradd out while it is held, and useradd goes on afterwards', async () => {
    await using host = await testHost();
    const holder = host.spawn([process.execPath, script('hold-lock.ts'), '1500']);
    await holder.printed('held');
    const start = Date.now();
    await host.ok(['useradd', '--no-create-home', 'bob']);
    expect(Date.now() - start).toBeGreaterThan(1000);
    expect(await host.ok(['id', '--user', 'bob'])).toMatch(/^\d+\n$/);
  });

  test('goes when its holder is killed, and leaves nothing', async () => {
    await using host = await testHost();
    const holder = host.spawn([process.execPath, script('hold-lock.ts'), '60000']);
    await holder.printed('held');
    await host.ok(['test', '-e', '/etc/passwd.lock']);
    // Its disposal is a SIGKILL.
    await holder[Symbol.asyncDispose]();
    await host.ok(['useradd', '--no-create-home', 'bob']);
    const left = 'ls -A /etc | grep -E "passwd[.](lock|edit|[0-9])" || true';
    expect(await host.ok(['sh', '-c', left])).toBe('');
  });

  test('is waited for: accounts that others add meanwhile are not lost', async () => {
    await using host = await testHost();
    const adding = 'for n in 1 2 3 4 5 6; do useradd --no-create-home bob$n || exit 1; done';
    const [others] = await Promise.all([host.run(['sh', '-c', adding]), apply(host, {}, web)]);
    expect(others).toMatchObject({ exitCode: 0 });
    const names = await host.ok([
      'sh',
      '-c',
      'getent passwd bob1 bob2 bob3 bob4 bob5 bob6 web1 web2 | wc -l',
    ]);
    expect(names).toBe('8\n');
    expect(await host.ok(['grpck', '-r'])).toBe('');
  });
});
