import { describe, expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { exampleManifest, stateOf } from './cli.ts';
import { apply, manifestPath, shell, writeManifest } from './jails.ts';

describe('init', () => {
  test('writes a project that validates, plans and applies, and overwrites nothing', async () => {
    await using host = await testHost();
    const cwd = '/srv';
    const init = await host.jailctl(['init', 'project'], { cwd });
    expect(init.exitCode, init.stderr).toBe(0);
    expect(init.stdout).toContain('project/jails.yaml\nproject/schemas/jails.schema.json\n');
    const inProject = { cwd: '/srv/project' };
    for (const command of ['validate', 'plan']) {
      expect(await host.jailctl([command], inProject)).toMatchObject({ exitCode: 0 });
    }
    expect(await host.jailctl(['apply', '--yes'], inProject)).toMatchObject({ exitCode: 0 });

    await shell(host, 'echo mine >/srv/project/jails.yaml; rm /srv/project/requirements/*');
    const before = await stateOf(host);
    const again = await host.jailctl(['init', '/srv/project'], { cwd });
    expect(again).toMatchObject({ exitCode: 4, stdout: '' });
    expect(again.stderr).toContain('jails.yaml, schemas/jails.schema.json would be overwritten');
    expect(await stateOf(host)).toEqual(before);
    expect(await host.read('/srv/project/jails.yaml')).toBe('mine\n');
  });
});

describe('rehearse', () => {
  test('attacks the jails of the example, and leaves the host as it was', async () => {
    await using host = await testHost({ cgroups: true });
    await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
    const before = await stateOf(host);
    const cwd = exampleManifest.replace(/\/jails\.yaml$/, '');
    const result = await host.jailctl(['rehearse'], { cwd });
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    expect(result.stdout).toMatch(
      /\$ jailctl apply --yes --destroy-data --no-archive -f [\s\S]*\$ jailctl plan [\s\S]*\$ jailctl verify --jail jail\n[\s\S]*jail jail holds[\s\S]*\$ jailctl destroy/,
    );
    expect(result.stdout).toContain(
      'Rehearsed: apply, an empty plan, jails that hold, and destroy, which left nothing.',
    );
    expect(await stateOf(host)).toEqual(before);
  }, 120_000);

  test('counts names of shared files right, where one jail gives up what another one keeps', async () => {
    await using host = await testHost({ cgroups: true });
    await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
    const jails = (tools: string) =>
      `jails:\n  a: { users: 1, tools: [${tools}] }\n  b: { users: 1, tools: [sh, ls] }\n`;
    await writeManifest(host, jails('sh, ls'));
    await apply(host);
    await shell(host, 'test /a/usr/bin/ls -ef /b/usr/bin/ls');
    await host.write('/etc/jails.yaml', `version: 1\n${jails('sh')}`);
    const before = await stateOf(host);
    const result = await host.jailctl(['rehearse', '--file', '/etc/jails.yaml']);
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    expect(await stateOf(host)).toEqual(before);
  }, 240_000);

  test('exits 1 when a jail does not hold', async () => {
    await using host = await testHost({ cgroups: true });
    await host.write(
      '/etc/jails.yaml',
      'version: 1\njails:\n  empty: { users: 0 }\n  web: { users: 1, tools: [ls] }\n',
    );
    // A runtime that shows the host in each run.
    await shell(
      host,
      String.raw`
        for runtime in runc crun; do
          path=$(command -v $runtime) || continue
          mv "$path" /opt/$runtime
          cat >"$path" <<END
        #!/bin/sh
        shown='{"destination":"/run","source":"/run","options":["bind"]}'
        for word; do
          [ "\$before" != --bundle ] || sed -i "s|\"mounts\":.|&\$shown,|" "\$word/config.json"
          before=\$word
        done
        exec /opt/$runtime "\$@"
        END
          sed -i 's/^ *//' "$path"
          chmod 0755 "$path"
        done`.replaceAll('\n        ', '\n'),
    );
    const before = await stateOf(host);
    const result = await host.jailctl(['rehearse', '--file', '/etc/jails.yaml']);
    expect(result.exitCode, result.stdout + result.stderr).toBe(1);
    expect(result.stdout).toContain('$ jailctl verify --jail web\n');
    expect(result.stdout).toContain('jail web does NOT hold');
    expect(result.stdout).not.toContain('Rehearsed');
    expect(result.stderr).toContain(
      'the rehearsal failed: verify is not satisfied with the jails (exit code 6)',
    );
    expect(await stateOf(host)).toEqual(before);
  }, 120_000);

  test.for([
    ['this host lacks what verify needs, as said above', 'no runc and no crun', true],
    ['no cgroup hierarchy is mounted writable on /sys/fs/cgroup', '', false],
  ] as const)('says that nothing was verified: %s', async ([reason, complaint, cgroups]) => {
    await using host = await testHost({ cgroups });
    await host.write('/etc/jails.yaml', 'version: 1\njails:\n  web: { users: 1, tools: [ls] }\n');
    await shell(host, 'for name in runc crun; do rm -f "$(command -v $name)"; done');
    const result = await host.jailctl(['rehearse', '--file', '/etc/jails.yaml']);
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    expect(result.stderr).toContain(complaint);
    expect(result.stdout).toContain(
      'Rehearsed: apply, an empty plan, jails that were NOT VERIFIED, and destroy, which left nothing.',
    );
    expect(result.stdout).toContain(`Not verified: ${reason}.\n`);
  });

  test('works with an absolute file on a host that has jails, and leaves these as they are', async () => {
    await using host = await testHost();
    // Homes with data that are kept where the jail says: of the copy, nothing is.
    const kept = 'archive: /srv/kept';
    await writeManifest(
      host,
      `jails:\n  web: { users: 1, tools: [ls], ${kept} }\n  old: { users: 2, tools: [], ${kept} }\n`,
    );
    await apply(host);
    await shell(host, 'echo mine >/web/home/web1/file; echo mine >/old/home/old2/file');
    await writeManifest(
      host,
      `jails:
  web: { users: 2, tools: [ls, cat], ${kept} }
  old: { users: 1, tools: [], ${kept} }
  new: { users: 1, tools: [ls] }
`,
    );
    const file = '/etc/jails.yaml';
    await shell(host, `cp ${manifestPath} ${file}`);
    const before = await stateOf(host);
    const result = await host.jailctl(['rehearse', '--file', file], { cwd: '/srv' });
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    expect(await stateOf(host)).toEqual(before);
  });

  test('does not destroy what is protected, and says so', async () => {
    await using host = await testHost();
    await host.write(
      '/etc/jails.yaml',
      'version: 1\njails:\n  web: { users: 1, tools: [ls], protect: true }\n',
    );
    const result = await host.jailctl(['rehearse', '--file', '/etc/jails.yaml']);
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    expect(result.stdout).toContain('No destroy: protected: web.');
  });

  test('exits 1 when something fails inside, and leaves the host as it was', async () => {
    await using host = await testHost();
    await host.write('/etc/jails.yaml', 'version: 1\njails:\n  web: { users: 1, tools: [ls] }\n');
    await shell(host, 'mkdir /web; iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
    const before = await stateOf(host);
    const result = await host.jailctl(['rehearse', '--file', '/etc/jails.yaml']);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('! /web is in the way');
    expect(result.stderr).toContain('the rehearsal failed: apply did not work (exit code 4)');
    expect(await stateOf(host)).toEqual(before);
  });

  test('exits 3 for a manifest with mistakes, before it copies anything', async () => {
    await using host = await testHost();
    await host.write('/etc/jails.yaml', 'version: 1\njails:\n  web: { user: 1 }\n');
    const result = await host.jailctl(['rehearse', '--file', '/etc/jails.yaml']);
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
  });
});
