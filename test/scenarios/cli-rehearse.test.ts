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
  test('exits 0 on the example, with a relative file, and leaves the host as it was', async () => {
    await using host = await testHost();
    await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
    const before = await stateOf(host);
    const cwd = exampleManifest.replace(/\/jails\.yaml$/, '');
    const result = await host.jailctl(['rehearse'], { cwd });
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    expect(result.stdout).toMatch(
      /\$ jailctl apply --yes -f [\s\S]*\$ jailctl plan [\s\S]*\$ jailctl destroy/,
    );
    expect(result.stdout).toContain(
      'Rehearsed: apply, an empty plan, and destroy, which left nothing.',
    );
    expect(await stateOf(host)).toEqual(before);
  });

  test('works with an absolute file on a host that has jails, and leaves these as they are', async () => {
    await using host = await testHost();
    await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
    await apply(host);
    await writeManifest(
      host,
      'jails:\n  web: { users: 2, tools: [ls, cat] }\n  new: { users: 1, tools: [ls] }\n',
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
