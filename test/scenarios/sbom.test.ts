import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { apply, destroy, manifestPath, shell, writeManifest } from './jails.ts';

interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
}

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await shell(
    host,
    `printf '#!/bin/sh\\necho own\\n' >/usr/local/bin/own; chmod 0755 /usr/local/bin/own
     rm -f /etc/localtime`,
  );
  const tools = `requirements: [${requirement('perl')}], tools: [ls, sh, own, sort]`;
  await writeManifest(host, `uids: 82700-82799\njails:\n  web: { users: 2, ${tools} }\n`);
});
afterAll(() => host[Symbol.asyncDispose]());

const sbom = (env: Record<string, string> = {}) =>
  host.ok([...jailctl, 'explain', '--sbom', 'web', '--file', manifestPath], { env });
const jailctl = [
  process.execPath,
  new URL('../../dist/jailctl.js', import.meta.url).pathname,
] as const;

/** What the official schema of CycloneDX says is wrong, with its formats checked, too. */
async function faultsOf(text: string): Promise<unknown> {
  return new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
}

/** Every file, with the package that has it. */
function filesOf(components: readonly Component[]): ReadonlyMap<string, Component | undefined> {
  const files = new Map<string, Component | undefined>();
  for (const component of components) {
    if (component.type === 'file') files.set(component.name, undefined);
    for (const file of component.components ?? []) files.set(file.name, component);
  }
  return files;
}

const flat = (components: readonly Component[]): readonly Component[] =>
  components.flatMap((one) => [one, ...flat(one.components ?? [])]);

describe('explain --sbom', () => {
  test('is CycloneDX 1.6, by its own schema', async () => {
    const text = await sbom({ SOURCE_DATE_EPOCH: '1767225600' });
    expect(await faultsOf(text)).toBeNull();
    const document = JSON.parse(text);
    expect(document).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    expect(document.metadata.timestamp).toBe('2026-01-01T00:00:00.000Z');
    // The validator sees what is wrong.
    for (const spoilt of [
      {
        ...document,
        components: [{ type: 'file', name: 'x', hashes: [{ alg: 'SHA-256', content: 'x' }] }],
      },
      { ...document, components: [{ type: 'file' }] },
      { ...document, surplus: 1 },
    ]) {
      expect(await faultsOf(JSON.stringify(spoilt))).not.toBeNull();
    }
    const refs = flat(document.components).map((one) => one['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    const [jail] = document.dependencies;
    expect(jail.ref).toBe(document.metadata.component['bom-ref']);
    expect(refs).toEqual(expect.arrayContaining(jail.dependsOn));
  });

  test('is the same text each time', async () => {
    expect(await sbom()).toBe(await sbom());
    expect(JSON.parse(await sbom())).not.toHaveProperty('serialNumber');
    expect(JSON.parse(await sbom()).metadata).not.toHaveProperty('timestamp');
  });

  test('lists the files that the jail then has, with their content', async () => {
    const components = flat(JSON.parse(await sbom()).components).filter(
      ({ type }) => type === 'file',
    );
    await apply(host);
    const sums = await shell(
      host,
      'cd /web; find . -path ./.jailctl -prune -o -type f -print0 | xargs -0 sha256sum',
    );
    const real = new Map(
      sums
        .trim()
        .split('\n')
        .map((line) => [line.slice(67), line.slice(0, 64)] as const),
    );
    expect(real.size).toBeGreaterThan(50);
    expect(components.map(({ name }) => name).sort()).toEqual([...real.keys()].sort());
    for (const { name, hashes } of components) {
      if (name === '/etc/passwd' || name === '/etc/group') expect(hashes).toBeUndefined();
      else expect(hashes, name).toEqual([{ alg: 'SHA-256', content: real.get(name) }]);
    }
    await destroy(host);
  });

  test('names the package of each file as dpkg does, in spite of the merged /usr', async () => {
    const files = filesOf(JSON.parse(await sbom()).components);
    const shown = new Map<string, string>();
    for (const [path, owner] of files) {
      if (owner !== undefined) shown.set(path, `${owner.name} ${owner.version}`);
    }
    const some = [...files.keys()].filter((_, index) => index % 40 === 0);
    const checked = [
      '/usr/bin/ls',
      '/usr/lib/x86_64-linux-gnu/libc.so.6',
      '/usr/bin/dash',
      ...some,
    ];
    // dpkg knows a path by the name that the package has it under only.
    const forms = checked.flatMap((path) => [path, path.replace(/^\/usr/, '')]);
    const { stdout } = await host.run(['dpkg-query', '--search', ...forms]);
    const owned = [...stdout.matchAll(/^([^:\n]+)(?::\w+)?: (.*)$/gm)].filter(
      ([, name]) => !name?.startsWith('diversion'),
    );
    expect(owned.length).toBeGreaterThan(5);
    for (const [, name = '', form = ''] of owned) {
      const format = `--showformat=\${Package} \${Version}\n`;
      const said = await host.ok(['dpkg-query', '--show', format, name]);
      const path = form.startsWith('/usr') ? form : `/usr${form}`;
      expect(shown.get(path), path).toBe(said.trim().split('\n')[0]);
    }
    const [ls] = [...files].filter(([path]) => path === '/usr/bin/ls').map(([, owner]) => owner);
    expect(ls?.purl).toMatch(/^pkg:deb\/debian\/coreutils@[\w.%~-]+\?arch=amd64&distro=debian-12$/);
    expect(files.has('/usr/local/bin/own')).toBe(true);
    expect(files.get('/usr/local/bin/own')).toBeUndefined();
  });

  test('says which files jailctl makes', async () => {
    const made = flat(JSON.parse(await sbom()).components).filter(({ properties }) => properties);
    expect(made.map(({ name }) => name)).toEqual([
      ...['/etc/group', '/etc/ld.so.cache', '/etc/nsswitch.conf', '/etc/passwd'],
    ]);
  });

  test("follows a diversion: the file of another name is still its package's", async () => {
    await shell(
      host,
      `dpkg-divert --local --rename --divert /usr/bin/sort.real --add /usr/bin/sort
       cp /usr/bin/sort.real /usr/bin/sort`,
    );
    const files = filesOf(JSON.parse(await sbom()).components);
    expect(files.has('/usr/bin/sort')).toBe(true);
    expect(files.get('/usr/bin/sort')).toBeUndefined();
    await shell(host, 'rm /usr/bin/sort; dpkg-divert --rename --remove /usr/bin/sort');
  });

  test('knows the packages of rpm', async () => {
    const spec = `Name: own-tool
Epoch: 2
Version: 1.2
Release: 3
Summary: x
License: MIT
BuildArch: noarch
%description
x
%install
mkdir -p %{buildroot}/usr/local/bin
printf '#!/bin/sh\\n' >%{buildroot}/usr/local/bin/own
%files
%attr(0755, root, root) /usr/local/bin/own
`;
    await host.write('/run/rpm/own.spec', spec);
    const env = { HOME: '/run/rpm', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    await host.ok(['rpmbuild', '-bb', '--define', '_topdir /run/rpm', '/run/rpm/own.spec'], {
      env,
    });
    const found = (await shell(host, 'find /run/rpm -name "*.rpm"')).trim();
    await host.ok(['rpm', '--install', '--force-debian', '--nodeps', '--force', found], {
      // Where Debian's rpm has its records: that of root.
      env: { ...env, HOME: '/root' },
    });
    const text = await sbom();
    expect(await faultsOf(text)).toBeNull();
    expect(filesOf(JSON.parse(text).components).get('/usr/local/bin/own')?.purl).toBe(
      'pkg:rpm/debian/own-tool@1.2-3?arch=noarch&distro=debian-12&epoch=2',
    );
  });

  test('is of a whole jail, and refuses a path', async () => {
    const args = ['explain', '--sbom', 'web', '/bin/sh', '--file', manifestPath];
    const { exitCode, stdout, stderr } = await host.jailctl(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('--sbom is of a whole jail, and takes no path');
    const json = await host.jailctl([...args, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ type: 'error', exit_code: 3 });
    const unknown = await host.jailctl(['explain', '--sbom', 'wep', '--file', manifestPath]);
    expect(unknown).toMatchObject({ exitCode: 3, stdout: '' });
  });
});
