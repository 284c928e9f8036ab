import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectValid } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { stateOf } from '../scenarios/cli.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  jailUsers,
  manifestPath,
  shell,
  writeManifest,
} from '../scenarios/jails.ts';

interface Finding {
  readonly status: string;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly more: number;
  readonly remedies: readonly { readonly does: string; readonly command: string }[];
}
interface Report {
  readonly pools: readonly unknown[];
  readonly summary: { readonly problems: number };
  readonly checks: readonly { readonly id: string; readonly findings: readonly Finding[] }[];
}

/** What old users left, by check, without the checks that find nothing; its exit code must fit. */
async function examined(host: TestHost, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await host.jailctl(['doctor', '--json', ...args]);
  expect(stderr).toBe('');
  const report: Report = JSON.parse(stdout);
  expectValid('doctor', { ...report });
  expect(exitCode).toBe(report.summary.problems > 0 ? 1 : 0);
  // The rest depends on the machine.
  const own = report.checks.filter(({ id }) => id.startsWith('old-ids-'));
  const found = own.filter(({ findings }) => findings.length > 0);
  return { ...report, found: Object.fromEntries(found.map((one) => [one.id, one.findings])) };
}

const jails = (users: number) =>
  writeManifest(
    host,
    `uids: 74000-74099\njails:\n  web: { users: ${users}, tools: [sh, sleep] }\n`,
  );

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await jails(3);
  await apply(host);
});
afterAll(() => host[Symbol.asyncDispose]());

/** Shell text, run as a user without an account. */
const as = (id: string, text: string) =>
  `setpriv --reuid=${id} --regid=${id} --clear-groups ${text}`;

describe('on a host where users have what is theirs', () => {
  test('doctor finds nothing, and changes nothing', async () => {
    await shell(
      host,
      `touch /tmp/web3 /web/home/web3/file; chown web3: /tmp/web3 /web/home/web3/file
       useradd --uid 74050 bob; touch /tmp/bob /tmp/group; chown bob: /tmp/bob
       groupadd --gid 74051 crew; chgrp crew /tmp/group
       touch /tmp/outside; chown 75000:75000 /tmp/outside
       mkdir -p /var/lib/systemd/linger /var/spool/cron/crontabs
       touch /var/lib/systemd/linger/web3 /var/spool/cron/crontabs/web3
       chown web3 /var/spool/cron/crontabs/web3
       setsid ${as('74002', 'sleep 1000')} >/dev/null 2>&1 &`,
    );
    const before = await stateOf(host);
    const { found, pools } = await examined(host);
    expect(found).toEqual({});
    expect(pools).toEqual([{ first: 74000, last: 74099 }]);
    expect(await stateOf(host)).toEqual(before);
    await shell(host, 'userdel bob; groupdel crew; rm /tmp/bob /tmp/group /tmp/web3');
  });
});

describe('when a user has gone', () => {
  beforeAll(async () => {
    await jails(2);
    await apply(host);
    await shell(
      host,
      `rm -r /var/spool/cron /var/lib/systemd/linger
       touch /tmp/web1; chown web1: /tmp/web1`,
    );
  });

  test('a clean host has no findings', async () => {
    expect((await examined(host)).found).toEqual({});
  });

  test('files everywhere are found, and those of others are not', async () => {
    await shell(
      host,
      `mkdir /tmp/of-root; cd /tmp/of-root; touch left "$(printf 'a\\nb c')"; chown 74002 *
       ln -s /etc/passwd link; chown --no-dereference 74002 link
       touch /web/etc/left /dev/shm/left; chown 74002 /web/etc/left /dev/shm/left
       mkdir -p /mnt/disk /mnt/twice /mnt/read-only; mount -t tmpfs disk /mnt/disk
       touch /mnt/disk/left; chown 74002 /mnt/disk/left
       mount --bind /mnt/disk /mnt/twice; mkdir '/mnt/a*b'; mount --bind /tmp/of-root '/mnt/a*b'
       touch /tmp/shared; chgrp 74002 /tmp/shared; chmod 0660 /tmp/shared`,
    );
    const { found } = await examined(host);
    expect(Object.keys(found)).toEqual(['old-ids-files']);
    const [uid, gid] = found['old-ids-files'] ?? [];
    expect(uid?.message).toBe('6 files of UID 74002, which nobody has');
    expect(uid?.evidence.toSorted()).toEqual(
      [
        ...['/dev/shm/left', '/mnt/disk/left', '/tmp/of-root/a\nb c', '/tmp/of-root/left'],
        ...['/tmp/of-root/link', '/web/etc/left'],
      ].toSorted(),
    );
    expect(uid?.more).toBe(0);
    expect(gid).toMatchObject({
      message: '1 file of GID 74002, which nobody has',
      evidence: ['/tmp/shared'],
    });
  });

  test('the commands that it shows remove just them', async () => {
    // Not all of /tmp: below the throwaway host's lies the real one, which others use.
    const listing = 'ls /web/etc /dev/shm /mnt; stat -c "%n %U" /tmp/web1 /tmp/outside /tmp/shared';
    const before = await shell(host, listing);
    const findings = (await examined(host)).found['old-ids-files'] ?? [];
    const [look, remove] = findings.flatMap(({ remedies }) => remedies);
    const listed = await shell(host, look?.command ?? '');
    expect(listed).toMatch(/ \/web\/etc\/left\n/);
    expect(listed).toMatch(/ \/mnt\/disk\/left\n/);
    expect(listed).toContain('/tmp/of-root/a\\nb\\ c\n');
    expect(await shell(host, 'ls /tmp/of-root')).toContain('left');
    for (const { remedies } of findings) await shell(host, remedies.at(-1)?.command ?? '');
    expect(remove?.command).toMatch(/ -delete$/);
    expect((await examined(host)).found).toEqual({});
    expect(await shell(host, 'ls -A /tmp/of-root; stat -c "%G %a" /tmp/shared')).toBe('root 660\n');
    const after = await shell(host, listing);
    expect(after).toBe(before.replaceAll(/^left\n/gm, ''));
    await shell(host, "umount /mnt/disk /mnt/twice '/mnt/a*b'; rmdir '/mnt/a*b'");
  });

  test('many files are counted, and some are named', async () => {
    await shell(
      host,
      `mkdir /tmp/many; cd /tmp/many; seq 5000 | xargs touch; chown -R 74002 /tmp/many
       touch /tmp/other; chown 74033 /tmp/other`,
    );
    const findings = (await examined(host)).found['old-ids-files'] ?? [];
    expect(findings.map(({ message }) => message)).toEqual([
      '5,001 files of UID 74002, which nobody has',
      '1 file of UID 74033, which nobody has',
    ]);
    expect(findings[0]?.evidence).toHaveLength(10);
    expect(findings[0]?.more).toBe(4991);
    await shell(host, 'rm -r /tmp/many /tmp/other');
  });

  test('processes are found, and end by the command that is shown', async () => {
    await shell(host, `setsid ${as('74002', 'sleep 1001')} >/dev/null 2>&1 &`);
    await shell(host, `setsid setpriv --groups=74003 sleep 1002 >/dev/null 2>&1 &`);
    await shell(host, 'until pgrep -f "^sleep 1001" && pgrep -f "^sleep 1002"; do :; done');
    const findings = (await examined(host)).found['old-ids-processes'] ?? [];
    expect(findings).toMatchObject([
      { message: '1 process of UID 74002, which nobody has' },
      { message: '1 process of GID 74003, which nobody has' },
    ]);
    expect(findings.map(({ evidence }) => evidence)).toEqual([
      [expect.stringMatching(/^\d+ sleep$/)],
      [expect.stringMatching(/^\d+ sleep$/)],
    ]);
    for (const { remedies } of findings) {
      expect(await shell(host, remedies[0]?.command ?? '')).toContain('sleep 100');
      await shell(host, remedies.at(-1)?.command ?? '');
    }
    await shell(host, 'while pgrep -f "^sleep 100[12]"; do :; done');
    expect((await examined(host)).found).toEqual({});
  });

  test('IPC objects are found, and go by the command that is shown', async () => {
    await shell(host, as('74002', 'ipcmk --shmem 4096 --semaphore 1 --queue'));
    await shell(host, 'ipcmk --queue');
    const findings = (await examined(host)).found['old-ids-ipc'] ?? [];
    expect(findings).toMatchObject([
      {
        message: 'IPC objects of UID 74002, which nobody has',
        evidence: [
          expect.stringMatching(/^shared memory segment \d+$/),
          expect.stringMatching(/^message queue \d+$/),
          expect.stringMatching(/^semaphore set \d+$/),
        ],
      },
    ]);
    await shell(host, findings[0]?.remedies.at(-1)?.command ?? '');
    expect((await examined(host)).found).toEqual({});
    expect((await shell(host, 'cat /proc/sysvipc/msg')).trim().split('\n')).toHaveLength(2);
  });

  test('crontabs, jobs, mail, linger and subordinate IDs are found', async () => {
    await shell(
      host,
      `mkdir -p /var/spool/cron/crontabs /var/spool/cron/atjobs /var/lib/systemd/linger
       cd /var/spool/cron; echo '* * * * * id' >crontabs/web3; echo x >atjobs/a1; echo x >/var/mail/web3
       chown 74002 crontabs/web3 atjobs/a1 /var/mail/web3
       echo x >crontabs/web9; touch /var/lib/systemd/linger/web3 /var/lib/systemd/linger/web1
       echo 74002:300000:100 >>/etc/subuid; echo web3:400000:100 >>/etc/subgid`,
    );
    const { found } = await examined(host);
    const seen = Object.entries(found).map(([id, findings]) => [
      id,
      findings.map(({ status, evidence }) => [status, ...evidence.toSorted()]),
    ]);
    expect(Object.fromEntries(seen)).toEqual({
      'old-ids-jobs': [['problem', '/var/spool/cron/atjobs/a1', '/var/spool/cron/crontabs/web3']],
      'old-ids-mail': [['problem', '/var/mail/web3']],
      'old-ids-names': [
        ['warning', '/var/spool/cron/crontabs/web9'],
        ['warning', '/var/lib/systemd/linger/web3'],
        ['warning', '/etc/subgid: web3:400000:100'],
      ],
      'old-ids-sub-ids': [['problem', '/etc/subuid: 74002:300000:100']],
    });
    for (const { remedies } of Object.values(found).flat()) {
      await shell(host, remedies.at(-1)?.command ?? '');
    }
    expect((await examined(host)).found).toEqual({});
    expect(await shell(host, 'ls /var/lib/systemd/linger')).toBe('web1\n');
  });

  test('a person gets it as text, and names from the host can not steer the terminal', async () => {
    await shell(host, `touch "$(printf '/tmp/\\033[2J')"; chown 74002 /tmp/*2J`);
    const { exitCode, stdout, stderr } = await host.jailctl(['doctor']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Looking through every local file system/);
    expect(stdout).toContain(`problem  files of IDs that nobody has
  ! 1 file of UID 74002, which nobody has
      /tmp/\\x1b[2J
`);
    expect(stdout).toMatch(/ {4}→ deletes them: find \S+ -xdev -uid 74002 -delete\n/);
    expect(stdout).toMatch(
      /\nUIDs 74000-74099: \d+ problems?, \d+ warnings?(?:, \d+ unknown)?\.\n$/,
    );
    expect(stdout).not.toContain('\x1b');
    await shell(host, 'rm /tmp/*2J');
  });
});

describe('the pool that is looked for', () => {
  test('is the recorded one, and that of a manifest that is named', async () => {
    await writeManifest(host, 'uids: 76000-76099\njails: {}\n');
    await shell(host, 'touch /tmp/other-pool; chown 76003 /tmp/other-pool');
    expect((await examined(host)).found).toEqual({});
    const { found, pools } = await examined(host, '--file', manifestPath);
    expect(found['old-ids-files']?.[0]?.evidence).toEqual(['/tmp/other-pool']);
    expect(pools).toEqual([
      { first: 74000, last: 74099 },
      { first: 76000, last: 76099 },
    ]);
    await shell(host, 'rm /tmp/other-pool');
  });

  test('is the default one after a destroy', async () => {
    await destroy(host);
    await shell(host, 'touch /tmp/later; chown 74002 /tmp/later');
    const { found, pools } = await examined(host);
    expect(pools).toEqual([{ first: 70000, last: 89999 }]);
    // web1 has gone as well, and what it left is an old user's now.
    const paths = (found['old-ids-files'] ?? []).flatMap(({ evidence }) => evidence);
    expect(paths.toSorted()).toEqual(['/tmp/later', '/tmp/outside', '/tmp/web1']);
  });
});

test('a UID under which something runs is not given again', async () => {
  await writeManifest(host, 'uids: 77000-77001\njails:\n  api: { users: 2, tools: [] }\n');
  await apply(host);
  await writeManifest(host, 'uids: 77000-77001\njails:\n  api: { users: 1, tools: [] }\n');
  await apply(host);
  await using sleeper = host.spawn([
    'setpriv',
    '--reuid=77001',
    'sh',
    '-c',
    'echo on; exec sleep 1000',
  ]);
  await sleeper.printed('on');
  await writeManifest(host, 'uids: 77000-77001\njails:\n  api: { users: 2, tools: [] }\n');
  const refused = await host.jailctl(['apply', '--yes', '--file', manifestPath]);
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(refused.stderr).toContain('has no UID left for 1 of the jail users');
  expect(refused.stderr).toContain('end what still runs under 1 UID that had a user before');
  await shell(host, 'pkill -KILL --uid 77001; while pgrep --uid 77001 --runstates RSD; do :; done');
  expect(await apply(host)).toContain('(jailctl doctor shows it)');
  expect(await jailUsers(host)).toEqual({ api1: 77000, api2: 77001 });
  await expectNothingToDo(host);
});
