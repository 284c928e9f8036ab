import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemaNames } from '../../src/cli/commands/schema.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody } from '../scenarios/cli.ts';
import { type Document, events, expectValid, printed } from './run.ts';

const example = fileURLToPath(new URL('../../jails.yaml', import.meta.url));
const manifestPath = '/run/documents.yaml';
const file = ['--file', manifestPath] as const;

const jails = `version: 1
uids: 82000-82099
jails:
  aa: { path: /srv/aa, users: 1, tools: [ls], network: host }
  bb: { path: /srv/bb, users: 2, tools: [sh], network: { allow: [{ to: 10.0.0.5, port: 80-90 }, { to: "fd00::/8", protocol: any }], policy: drop } }
  cc: { path: /srv/cc, users: 1, tools: [sh], env: { LANG: C.UTF-8, sizeBytes: "1" }, protect: true }
`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await host.write(manifestPath, jails);
});
afterAll(() => host[Symbol.asyncDispose]());

type Change = { readonly address: string; readonly action: string } & Document;

const changesOf = (plan: Document) => plan['changes'] as readonly Change[];
const shell = (text: string) => host.ok(['sh', '-e', '-c', text]);

describe('the documents of real runs', () => {
  test('of the example: a plan, explanations and a validation', async () => {
    const plan = await printed(host, ['plan', '--file', example], { schema: 'plan' });
    const changes = changesOf(plan);
    expect(plan['summary']).toEqual({ create: changes.length, update: 0, delete: 0 });
    expect(changes.length).toBeGreaterThan(1000);
    await printed(host, ['explain', 'jail', '--file', example], { schema: 'explain' });
    const python = ['explain', 'jail', '/usr/bin/python3', '--file', example];
    const explanation = await printed(host, python, { schema: 'explain' });
    expect(explanation['chain']).toMatchObject([{ because: 'requested', entry: 'python3' }]);
    await printed(host, ['validate', '--file', example], { schema: 'validation' });
  });

  test('of every path that a jail has, made by jailctl or not', async () => {
    const made = ['/', '/etc/passwd', '/dev/null', '/home/aa1'];
    for (const path of [...made, '/usr/bin/ls', '/lib64/ld-linux-x86-64.so.2']) {
      await printed(host, ['explain', 'aa', path, ...file], { schema: 'explain' });
    }
  });

  test('of an apply with every kind of network, then of an empty plan and an empty apply', async () => {
    const plan = await printed(host, ['plan', ...file], { schema: 'plan' });
    const lines = await events(host, ['apply', ...file]);
    const applied = lines.filter(({ type }) => type === 'change_applied');
    expect(applied.map(({ address, action }) => ({ address, action }))).toEqual(
      changesOf(plan).map(({ address, action }) => ({ address, action })),
    );
    expect(await printed(host, ['plan', ...file], { schema: 'plan' })).toMatchObject({
      changes: [],
      conflicts: [],
    });
    expect(await events(host, ['apply', ...file])).toHaveLength(2);
  });

  test('keep the names of variables as they are', async () => {
    await host.write(manifestPath, jails.replace('cc: {', 'cd: {').replace('/srv/cc', '/srv/cd'));
    const plan = await printed(host, ['plan', ...file], { schema: 'plan' });
    const jail = changesOf(plan).find(({ address }) => address === 'jail/cd');
    expect(jail?.['after']).toMatchObject({ env: { sizeBytes: '1' } });
    await host.write(manifestPath, jails);
  });

  test('of a host where everything was changed by hand', async () => {
    await shell(`
      chmod 0777 /srv/aa/usr/bin; rm /srv/aa/usr/bin/ls; mkfifo /srv/aa/usr/bin/ls
      mkdir -p /srv/aa/opt/dir /srv/aa/home/nobody; ln -s x /srv/aa/usr/link
      rm /srv/bb/dev/null; touch /srv/bb/dev/null; setfacl -m u:1:r /srv/bb/etc/passwd
      rm -r /srv/bb/home/bb1; ln -s /root /srv/bb/home/bb1
      rm /srv/cc/dev/zero /srv/cc/etc/group; mknod /srv/cc/etc/group c 1 5
      echo broken >/srv/bb/.jailctl/settings.json
      mkdir /srv/aa/.jailctl/scratch/old; rm /var/lib/jailctl/pool.json
      echo changed >>/etc/security/limits.d/jailctl.conf
      iptables -I OUTPUT -d 192.0.2.1 -j ACCEPT; ip6tables -N OTHER; ip6tables -A OTHER -j JAILCTL
      usermod --append --groups users aa1; sed -i /^bb2:/d /etc/group
      rm /srv/aa/.jailctl/settings.json`);
    const plan = await printed(host, ['plan', ...file], { schema: 'plan' });
    const kinds = new Set(changesOf(plan).map(({ address }) => address.replace(/\/.*/s, '')));
    expect([...kinds].sort()).toEqual(['account', 'firewall', 'jail', 'limits', 'tree']);
    const actions = new Set(changesOf(plan).map(({ action }) => action));
    expect([...actions].sort()).toEqual(['create', 'delete', 'update']);
  });

  test('of conflicts, in the plan and in the error of apply', async () => {
    await host.write(manifestPath, 'version: 1\njails: {}\n');
    const plan = await printed(host, ['plan', ...file], { schema: 'plan' });
    expect((plan['conflicts'] as Document[])[0]).toMatchObject({
      jail: 'cc',
      ways_out: [expect.stringContaining('protect')],
    });
    const [error] = await events(host, ['apply', ...file], 4);
    expectValid('error', error ?? {});
    await host.write(manifestPath, jails);
  });

  test('of a run that breaks in the middle, and of one that goes on', async () => {
    await shell('mount --bind /srv/bb /srv/bb; mount -o remount,bind,ro /srv/bb');
    const broken = await events(host, ['apply', ...file], 1);
    expect(broken.at(0)).toMatchObject({ type: 'apply_started' });
    expect(broken.at(-1)).toMatchObject({ type: 'error', exit_code: 1 });
    expect(JSON.stringify(broken.at(-1)?.['causes'])).toMatch(/EROFS|[Rr]ead-only/);
    expectValid('error', broken.at(-1) ?? {});
    await shell('umount /srv/bb; iptables -D OUTPUT -d 192.0.2.1 -j ACCEPT');
    expect((await events(host, ['apply', ...file])).at(-1)).toMatchObject({
      type: 'apply_finished',
    });
  });

  test('of a destroy', async () => {
    await host.write(manifestPath, jails.replace('protect: true', 'protect: false'));
    await events(host, ['apply', ...file]);
    const lines = await events(host, ['destroy', '--jail', 'bb', '--jail', 'aa', 'cc']);
    expect(lines.at(-1)).toMatchObject({ type: 'apply_finished' });
  });
});

describe('the errors of real runs', () => {
  test.for([
    [3, ['plan', '--nope']],
    [3, ['nope']],
    [3, ['plan', '--file', '/run/none.yaml']],
    [3, ['explain', 'none', '--file', example]],
    [3, ['explain', 'jail', '/none', '--file', example]],
    [3, ['destroy', '--jail', 'none']],
    [3, ['schema', 'none']],
    [4, ['apply', '--file', example]],
  ] as const)('with exit code %d are as their schema says: %j', async ([exitCode, args]) => {
    const error = await printed(host, args, { exitCode, schema: 'error' });
    expect(error).toMatchObject({ exit_code: exitCode });
  });

  test('of broken manifests and requirement files, and of tools that are not there', async () => {
    await host.write('/run/list.txt', 'ls\n../x\n');
    const broken =
      'version: 1\njails: { "a b": { users: -1, requirements: [list.txt, gone.txt] } }';
    await host.write('/run/broken.yaml', broken);
    await host.write('/run/tools.yaml', 'version: 1\njails: { a: { users: 1, tools: [lss, /x] } }');
    for (const path of ['/run/broken.yaml', '/run/tools.yaml']) {
      for (const command of ['plan', 'validate', 'apply']) {
        const error = await printed(host, [command, '--file', path], {
          exitCode: 3,
          schema: 'error',
        });
        expect((error['diagnostics'] as unknown[]).length).toBeGreaterThan(1);
      }
    }
  });

  test('while another jailctl is at work', async () => {
    const holding = 'exec 9>>/run/jailctl.lock; flock 9; echo held; exec sleep 60';
    await using holder = host.spawn(['sh', '-c', holding]);
    await holder.printed('held');
    await printed(host, ['destroy', '--yes'], { exitCode: 5, schema: 'error' });
  });

  test('without root', async () => {
    await installForEverybody(host);
    const { exitCode, stdout } = await asNobody(host, ['plan', '--json']);
    expect(exitCode).toBe(7);
    expectValid('error', JSON.parse(stdout));
  });
});

describe('jailctl schema', () => {
  test.for(schemaNames)('prints the schema of %s as it lies in schemas/', async (name) => {
    const files = { manifest: 'jails' } as Readonly<Record<string, string>>;
    const path = `../../schemas/${files[name] ?? name}.schema.json`;
    const { stdout } = await host.jailctl(['schema', name]);
    expect(stdout).toBe(await host.read(fileURLToPath(new URL(path, import.meta.url))));
  });
});
