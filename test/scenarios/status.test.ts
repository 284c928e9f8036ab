import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectValid } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody, onTerminal, stateOf } from './cli.ts';
import { exec, inBackground, provision } from './exec-jail.ts';

const manifestPath = '/srv/jails.yaml';
const longName = `box-${'n'.repeat(24)}`;

/** What `provision` writes after the version. */
const jails = `uids: 82300-82399
jails:
  alpha: { users: 2, tools: [sh, sleep, cat] }
  beta: { users: 1, tools: [sh], network: host, engine: runc, protect: true }
  ${longName}: { users: 12, tools: [sh], network: { allow: [{ to: 10.0.0.5 }] } }
`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await installForEverybody(host);
  await provision(host, jails);
});
afterAll(() => host[Symbol.asyncDispose]());

const shell = (text: string) => host.ok(['sh', '-ec', text]);

interface Row {
  readonly name: string;
  readonly condition: string;
  readonly path?: string;
  readonly bytes?: number;
  readonly users: readonly {
    readonly name: string;
    readonly has_account: boolean;
    readonly lease?: { readonly state: string; readonly pid: number; readonly since: string };
  }[];
  readonly drift?: { readonly changes: number; readonly conflicts: number };
}

/** The document of `jailctl status`, which must be as its schema says. */
async function status(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await host.jailctl(['status', '--json', ...args]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const document = JSON.parse(stdout);
  expectValid('status', document);
  return document as {
    readonly drift?: object;
    readonly fenced?: boolean;
    readonly manifest?: string;
    readonly jails: readonly Row[];
    readonly warnings: readonly string[];
  };
}

async function row(name: string, ...args: readonly string[]): Promise<Row> {
  const { jails: rows } = await status(...args);
  const found = rows.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no jail ${name} in ${JSON.stringify(rows)}`);
  return found;
}

const text = async (...args: readonly string[]) => (await host.jailctl(['status', ...args])).stdout;

describe('status', () => {
  test('shows the jails without a manifest, and changes nothing', async () => {
    const before = await stateOf(host);
    const document = await status();
    expect(document).toMatchObject({ fenced: true, warnings: [] });
    expect(document.manifest).toBeUndefined();
    expect(document.jails).toMatchObject([
      {
        name: 'alpha',
        condition: 'applied',
        path: '/srv/alpha',
        users: [
          { name: 'alpha1', uid: 82300, has_account: true },
          { name: 'alpha2', uid: 82301, has_account: true },
        ],
        network: 'none',
        engine: 'auto',
        protect: false,
      },
      { name: 'beta', network: 'host', engine: 'runc', protect: true },
      { name: longName, network: 'allow' },
    ]);
    const measured = Number((await shell('du -s -B1 /srv/alpha')).split('\t')[0]);
    expect(document.jails[0]?.bytes).toBe(measured);
    expect(await text()).toContain('3 jails; drift was not looked at (--file names a manifest).\n');
    expect(await stateOf(host)).toEqual(before);
  });

  test('fits 80 columns on a terminal, with the longest name', async () => {
    const { stdout } = await onTerminal(host, ['status', '--file', manifestPath], '', {
      env: { NO_COLOR: '1' },
    });
    const lines = stdout.split(/\r?\n/);
    expect(lines.map((line) => line.length).filter((length) => length > 80)).toEqual([]);
    expect(lines[0]).toMatch(/^JAIL +USERS +BUSY +SIZE +NETWORK +ENGINE +PROTECT +DRIFT$/);
    expect(lines[1]).toMatch(/^alpha +2 +0 +[\d.]+ MiB +none +auto +no +no$/);
    expect(stdout).toContain(longName);
  });

  test('counts what has drifted, for each jail and in all', async () => {
    const file = ['--file', manifestPath];
    expect(await status(...file)).toMatchObject({ drift: { changes: 0, conflicts: 0 } });
    await shell('chmod 0700 /srv/alpha/usr/bin; iptables -F JAILCTL');
    const document = await status(...file);
    expect(document).toMatchObject({
      manifest: manifestPath,
      drift: { changes: 2 },
      fenced: false,
    });
    expect(document.jails.map(({ drift }) => drift?.changes)).toEqual([1, 0, 0]);
    const shown = await text(...file);
    expect(shown).toContain('! the packet rules that fence jail users are not loaded');
    expect(shown).toContain(`drift: 2 changes (jailctl plan shows them)`);
    await provision(host, jails);
  });

  test('compares with ./jails.yaml where that is there, and says why it did not', async () => {
    const inSrv = async () =>
      JSON.parse((await host.jailctl(['status', '--json'], { cwd: '/srv' })).stdout);
    expect(await inSrv()).toMatchObject({ manifest: 'jails.yaml', drift: { changes: 0 } });
    await host.write(
      manifestPath,
      'version: 1\njails: { a: { tools: [nosuchtool-x], users: 1 } }\n',
    );
    const other = await inSrv();
    expect(other.drift).toBeUndefined();
    expect(other.warnings).toEqual([
      expect.stringMatching(/not compared with jails.yaml: .*nosuch/),
    ]);
    expect(other.jails).toContainEqual(
      expect.objectContaining({ name: 'a', condition: 'missing' }),
    );
    await host.write(manifestPath, 'version: [');
    expect(await inSrv()).toMatchObject({
      warnings: [expect.stringMatching(/^not compared with/)],
    });
    const asked = await host.jailctl(['status', '--json', '--file', manifestPath]);
    expect(asked.exitCode).toBe(3);
    expect(JSON.parse(asked.stdout)).toMatchObject({ type: 'error', exit_code: 3 });
    await provision(host, jails);
  });

  test('names jails of the manifest that are not there, and those that it does not name', async () => {
    const path = '/run/other.yaml';
    await host.write(path, 'version: 1\nroot: /srv\njails: { gamma: { tools: [sh], users: 1 } }\n');
    const document = await status('--file', path);
    const conditions = document.jails.map(({ name, condition, drift }) => [
      name,
      condition,
      (drift?.changes ?? 0) > 0 || (drift?.conflicts ?? 0) > 0,
    ]);
    expect(conditions).toEqual([
      ['alpha', 'applied', true],
      ['beta', 'applied', true],
      [longName, 'applied', true],
      ['gamma', 'missing', true],
    ]);
    expect(await text('--file', path)).toMatch(/^beta .* conflict$/m);
  });

  test('can be narrowed, and says which jails there are for one that is not', async () => {
    expect((await status('--jail', 'beta')).jails.map(({ name }) => name)).toEqual(['beta']);
    const { exitCode, stdout } = await host.jailctl(['status', '--json', '--jail', 'alhpa']);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout).message).toBe(
      'there is no jail alhpa on this host or in the manifest',
    );
  });

  test('is for root only', async () => {
    const { exitCode, stdout } = await asNobody(host, ['status', '--json']);
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ hint: 'run it as root: sudo jailctl status' });
  });
});

describe('status of who is at work', () => {
  test('shows the run of a user from its start to its end', async () => {
    const running = inBackground(host, {
      jail: 'alpha/alpha1',
      argv: ['sh', '-c', 'echo ready; exec sleep 15'],
    });
    await running.printed('ready');
    const [first, second] = (await row('alpha')).users;
    expect(first?.lease?.state).toBe('running');
    expect(await shell(`tr '\\0' ' ' </proc/${first?.lease?.pid}/cmdline`)).toContain(
      'alpha/alpha1',
    );
    expect(second?.lease).toBeUndefined();
    expect(await text()).toMatch(/^alpha +2 +1 /m);
    expect(await text()).toMatch(/^ {2}alpha1: runs a program \(pid \d+, since 20[^ ]*Z\)$/m);
    // To look at a lease does not take it.
    const other = await exec(host, { jail: 'alpha', argv: ['sh', '-c', 'echo $HOME'] });
    expect(other.output).toContain('alpha2');
    await shell(`kill -s TERM ${first?.lease?.pid}`);
    await running.result();
    expect((await row('alpha')).users.map(({ lease }) => lease)).toEqual([undefined, undefined]);
  });

  test('tells a lease whose holder was killed', async () => {
    await host.write('/run/jailctl/leases/beta1', 'pid 999999\n', 0o600);
    expect((await row('beta')).users[0]?.lease).toMatchObject({ state: 'orphaned', pid: 999999 });
    expect(await text()).toContain('beta1: whoever had it was killed');
    await shell('rm -r /run/jailctl');
  });
});

describe('status of what is broken', () => {
  test('a damaged marker', async () => {
    await shell(
      'cp -p /srv/beta/.jailctl/settings.json /run/kept; echo broken >/srv/beta/.jailctl/settings.json',
    );
    const found = await row('beta');
    expect(found).toMatchObject({
      condition: 'damaged',
      path: '/srv/beta',
      users: [{ name: 'beta1' }],
    });
    expect(found).not.toHaveProperty('network');
    expect(await text()).toContain('! beta (/srv/beta): its settings are missing or damaged');
    await shell('cp -p /run/kept /srv/beta/.jailctl/settings.json');
    expect((await row('beta')).condition).toBe('applied');
  });

  test('a directory that is gone, and another one in its place', async () => {
    await shell('mv /srv/beta /srv/away');
    expect(await row('beta')).toMatchObject({ condition: 'gone', users: [{ has_account: true }] });
    expect(await row('beta')).not.toHaveProperty('bytes');
    await shell('mkdir /srv/beta');
    expect(await row('beta')).toMatchObject({ condition: 'unmarked' });
    await shell('rmdir /srv/beta; mv /srv/away /srv/beta');
  });

  test('an account that is gone, and a jail of which nothing else is left', async () => {
    await shell('cp -p /etc/passwd /run/passwd; sed -i /^alpha2:/d /etc/passwd');
    await shell('cp -p /etc/group /run/group; sed -i /^alpha2:/d /etc/group');
    await shell('cp -p /etc/shadow /run/shadow; sed -i /^alpha2:/d /etc/shadow');
    await shell('cp -p /etc/gshadow /run/gshadow; sed -i /^alpha2:/d /etc/gshadow');
    const found = await row('alpha');
    expect(found.users.map(({ has_account: has }) => has)).toEqual([true, false]);
    expect(await text()).toContain('! alpha: no account for alpha2; jailctl apply makes it');
    await shell('for it in passwd group shadow gshadow; do cp -p /run/$it /etc/$it; done');
    await shell('mv /var/lib/jailctl/jails/beta /run/beta');
    expect(await row('beta')).toMatchObject({
      condition: 'unregistered',
      users: [{ name: 'beta1' }],
    });
    await shell('mv /run/beta /var/lib/jailctl/jails/beta');
  });

  test('a directory that takes too long to measure is shown without its size', async () => {
    await host.write('/usr/local/bin/du', '#!/bin/sh\nexec sleep 50\n', 0o755);
    const found = await row('alpha');
    expect(found).toMatchObject({ condition: 'applied' });
    expect(found).not.toHaveProperty('bytes');
    expect(await text('--jail', 'alpha')).toMatch(/^alpha +2 +0 +\? /m);
    await shell('rm /usr/local/bin/du');
  }, 45_000);

  test('names that could steer the terminal are shown as text', async () => {
    await shell(`ln -s "$(printf '/srv/\\033[31m')" /var/lib/jailctl/jails/evil`);
    const shown = await text();
    expect(shown).toContain('! evil (/srv/\\x1b[31m): its directory is gone');
    expect(shown).not.toContain('\u001b');
    await shell('rm /var/lib/jailctl/jails/evil');
  });

  test('and a host without jails', async () => {
    await using empty = await testHost();
    const { exitCode, stdout } = await empty.jailctl(['status']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'This host has no jails.\n' });
  });
});
