import { describe, expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { codes, jails, load, onlyJail, withoutPlaces } from './loading.ts';

describe('a manifest', () => {
  test('that says little gets the defaults of jailctl', () => {
    const manifest = load(jails('  web: { users: 1 }\n'));
    expect(withoutPlaces(manifest)).toEqual({
      file: 'jails.yaml',
      root: '/',
      uids: { first: 70_000, last: 89_999 },
      jails: [
        {
          name: 'web',
          path: '/web',
          users: 1,
          tools: [],
          network: { mode: 'none', refusal: 'reject' },
          limits: {
            processes: 64,
            memoryBytes: 268_435_456,
            cpuTimeSeconds: 10,
            wallTimeSeconds: 30,
            fileSizeBytes: 16_777_216,
            openFiles: 64,
            outputBytes: 1_048_576,
            tmpSizeBytes: 67_108_864,
          },
          home: 'keep',
          optional: [],
          login: 'none',
          env: {},
          protect: false,
        },
      ],
    });
  });

  test('gives its defaults to jails: limits and variables one by one, the network whole', () => {
    const manifest = load(`
version: 1
root: /srv/jails/
defaults:
  limits: { memory: 1GiB, processes: 5 }
  env: { LANG: C, B: b }
  network: { allow: [{ to: 10.0.0.1 }] }
jails:
  web: { users: 1, limits: { processes: 1 }, env: { LANG: de, A: a }, network: { policy: drop } }
  app: { users: 0, path: /opt/app/ }
`);
    const [app, web] = manifest.jails;
    expect(web).toMatchObject({
      path: '/srv/jails/web',
      limits: { memoryBytes: 2 ** 30, processes: 1, openFiles: 64 },
      network: { mode: 'none', refusal: 'drop' },
    });
    expect(Object.entries(web?.env ?? {})).toEqual([
      ['A', 'a'],
      ['B', 'b'],
      ['LANG', 'de'],
    ]);
    expect(app).toMatchObject({
      path: '/opt/app',
      limits: { processes: 5 },
      network: { mode: 'allow', targets: [{ to: '10.0.0.1/32' }] },
    });
  });

  test('gives its engine, home and optional layers to jails that say nothing of them', () => {
    const manifest = load(`
version: 1
defaults: { engine: runc, home: fresh, optional: [seccomp, memory, seccomp] }
jails:
  a: { users: 1 }
  b: { users: 1, engine: chroot, home: keep, optional: [] }
  c: { users: 1, optional: [no_groups, disk, cpus] }
`);
    expect(manifest.jails).toMatchObject([
      { engine: 'runc', home: 'fresh', optional: ['memory', 'seccomp'] },
      { engine: 'chroot', home: 'keep', optional: [] },
      { engine: 'runc', home: 'fresh', optional: ['cpus', 'disk', 'no_groups'] },
    ]);
    expect(onlyJail(load(jails('  web: { users: 1 }\n')))).not.toHaveProperty('engine');
  });

  test.for([
    ['0.5', 0.5],
    ['"0.5"', 0.5],
    ['2', 2],
    ['0.01', 0.01],
    ['8192', 8192],
    ['.5', 0.5],
    ['1e1', 10],
    ['0x10', 16],
  ] as const)('can limit a run to %s processors', ([written, cpus]) => {
    const limits = `{ cpus: ${written}, tmp_size: 64KiB, disk: 1GiB }`;
    const jail = onlyJail(load(jails(`  web: { users: 1, limits: ${limits} }\n`)));
    expect(jail.limits).toMatchObject({ cpus, tmpSizeBytes: 65_536, diskBytes: 2 ** 30 });
  });

  test('can have a size of /tmp for its jails though one of them has no /tmp', () => {
    const text = jails('  a: { users: 1, engine: chroot }\n  b: { users: 1 }\n');
    expect(codes(`${text}defaults: { limits: { tmp_size: 1GiB } }\n`)).toEqual([]);
  });

  test('can allow targets, which are brought into one form and order', () => {
    const jail = onlyJail(
      load(
        jails(`  web:
    users: 1
    network:
      allow:
        - { to: "2001:DB8::1", port: 53, protocol: udp }
        - { to: 10.9.9.9/8, port: 8000-8010 }
        - { to: 10.0.0.0/8, port: "8000-8010", protocol: tcp }
        - { to: 10.0.0.0/8, port: 22 }
        - { to: 10.0.0.5, protocol: any }
`),
      ),
    );
    expect(jail.network).toEqual({
      mode: 'allow',
      refusal: 'reject',
      targets: [
        { family: 'ipv4', to: '10.0.0.0/8', protocol: 'tcp', ports: { first: 22, last: 22 } },
        { family: 'ipv4', to: '10.0.0.0/8', protocol: 'tcp', ports: { first: 8000, last: 8010 } },
        { family: 'ipv4', to: '10.0.0.5/32', protocol: 'any' },
        { family: 'ipv6', to: '2001:db8::1/128', protocol: 'udp', ports: { first: 53, last: 53 } },
      ],
    });
  });

  test('takes tools from requirement files next to it, each once, with their places', () => {
    const read = (path: string) =>
      ({
        'conf/jails.yaml': jails(
          '  web: { users: 1, requirements: [lists/a.txt, /etc/b.txt], tools: [ls, "?cat"] }\n',
        ),
        'conf/lists/a.txt': '# tools\r\n\r\n  ?ls  # perhaps\r\n/usr/share/a#b\r\n',
        '/etc/b.txt': 'package:coreutils\njailkit:basicshell\ncat',
      })[path];
    const result = loadManifest('conf/jails.yaml', read);
    const tools = result.ok ? onlyJail(result.value).tools : [];
    const at = (place: string, length: number) => {
      const [file = '', line, column] = place.split(':');
      return expect.objectContaining({ file, line: Number(line), column: Number(column), length });
    };
    expect(tools).toEqual([
      { entry: 'ls', optional: false, leaveOut: false, at: at('conf/jails.yaml:3:69', 2) },
      {
        entry: '/usr/share/a#b',
        optional: false,
        leaveOut: false,
        at: at('conf/lists/a.txt:4:1', 14),
      },
      {
        entry: 'package:coreutils',
        optional: false,
        leaveOut: false,
        at: at('/etc/b.txt:1:1', 17),
      },
      {
        entry: 'jailkit:basicshell',
        optional: false,
        leaveOut: false,
        at: at('/etc/b.txt:2:1', 18),
      },
      { entry: 'cat', optional: false, leaveOut: false, at: at('/etc/b.txt:3:1', 3) },
    ]);
  });

  test('can use aliases and merge keys', () => {
    const manifest = load(
      jails(`  a: &a
    users: 1
    limits: &small { memory: 64MiB }
  b: { <<: *a, users: 2 }
  c: { <<: [{ users: 3 }, *a], limits: { <<: *small, processes: 1 } }
  d: { users: 4, limits: *small }
`),
    );
    const told = manifest.jails.map(({ name, users, limits }) => [
      name,
      users,
      limits.memoryBytes / 2 ** 20,
      limits.processes,
    ]);
    expect(told).toEqual([
      ['a', 1, 64, 64],
      ['b', 2, 64, 64],
      ['c', 3, 64, 1],
      ['d', 4, 64, 64],
    ]);
  });

  test('can name a jail with a word that YAML or JavaScript takes for something else', () => {
    const names = ['constructor', 'null', 'off', 'true', 'valueof'];
    const manifest = load(jails(names.map((name) => `  ${name}: { users: 1 }\n`).join('')));
    expect(manifest.jails.map(({ name }) => name)).toEqual(names);
  });

  test('can have jails with similar names whose users do not clash', () => {
    expect(codes(jails('  a: { users: 9 }\n  a10: { users: 3 }\n  a01: { users: 1 }\n'))).toEqual(
      [],
    );
    expect(codes(jails('  a: { users: 10 }\n  a10: { users: 3 }\n'))).toEqual(['name-collision']);
  });

  test('can fill its pool to the last id', () => {
    const text = (users: number) =>
      `version: 1\nuids: 70000-70009\njails: { web: { users: ${users} } }`;
    expect(codes(text(10))).toEqual([]);
    expect(codes(text(11))).toEqual(['uids-exhausted']);
  });

  test('that is not there is an error that says what to do', () => {
    const result = loadManifest('jails.yaml', () => undefined);
    expect(result).toMatchObject({ ok: false, diagnostics: [{ code: 'no-manifest' }] });
  });
});

describe('a hostile manifest', () => {
  test.each([
    ['brackets', '['.repeat(10_000)],
    ['braces', '{a: '.repeat(10_000)],
    ['dashes', '- '.repeat(10_000)],
    ['question marks', '? '.repeat(10_000)],
    ['keys', Array.from({ length: 1400 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ])('that is nested 10,000 deep in %s is refused where it gets too deep', (_, text) => {
    const result = loadManifest('jails.yaml', () => text);
    expect(result).toMatchObject({ ok: false, diagnostics: [{ code: 'too-deep' }] });
  });

  test('can not hide its depth in a chain of aliases', () => {
    const links = Array.from(
      { length: 5000 },
      (_, index) => `a${index + 1}: &a${index + 1} [*a${index}]`,
    );
    expect(codes(['a0: &a0 [x]', ...links].join('\n'))).toContain('too-much');
  });

  test('of more than 1 MiB is not even parsed', () => {
    expect(codes(`# ${'x'.repeat(2 ** 20)}`)).toEqual(['too-large']);
  });

  test('with 100,000 repeated keys is answered, each of them by a line', {
    timeout: 30_000,
  }, () => {
    expect(codes('a: 1\n'.repeat(100_000)).filter((code) => code === 'duplicate-key')).toHaveLength(
      99_999,
    );
  });
});
