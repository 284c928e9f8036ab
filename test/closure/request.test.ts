import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeOver } from '../../src/desired/closure/close-over.ts';
import { expandGlob } from '../../src/desired/closure/glob.ts';
import { HostView } from '../../src/desired/closure/host-view.ts';
import { jailkitSection, jailkitSectionNames } from '../../src/desired/closure/jailkit.ts';
import { hostReader } from '../../src/host/reader.ts';
import { close, hasCommand, request, Scratch, whyLeftOut } from './host.ts';

describe('what is not there', () => {
  test('every tool that is missing is told at once, where it was asked for, with near names', () => {
    const closure = close(['bahs', 'ls', '/opt/no/such', '/opt/no/such*', 'zzqqxxyy', 'sortt']);
    expect(closure.diagnostics.map(({ code, at }) => [code, at?.line])).toEqual([
      ['tool-not-found', 1],
      ['tool-not-found', 3],
      ['glob-without-match', 4],
      ['tool-not-found', 5],
      ['tool-not-found', 6],
    ]);
    expect(closure.diagnostics[0]?.hint).toMatch(/did you mean .*bash/);
    expect(closure.diagnostics[3]?.hint).toContain('?zzqqxxyy');
    expect(closure.diagnostics[4]?.hint).toMatch(/\bsort\b/);
  });

  test('optional tools are silently absent', () => {
    const closure = close([
      '?bahs',
      '?/opt/no/such',
      '?/opt/no/such*',
      '?package:no-such-package',
      '?jailkit:none',
    ]);
    expect(closure.diagnostics).toEqual([]);
    expect(closure.entries.size).toBe(0);
  });
});

describe('globs', () => {
  test('match as a shell does', () => {
    using scratch = new Scratch();
    for (const name of ['a.so', 'b.so', 'b.so.1', '.hidden', 'x[1]', 'Z', 'dir/c.so'])
      scratch.file(name, 'x');
    const view = new HostView(hostReader);
    const names = (pattern: string) =>
      expandGlob(view, `${scratch.path}/${pattern}`).map((path) =>
        path.slice(scratch.path.length + 1),
      );
    expect(names('*.so')).toEqual(['a.so', 'b.so']);
    expect(names('[!a].so*')).toEqual(['b.so', 'b.so.1']);
    expect(names('*/c.s?')).toEqual(['dir/c.so']);
    expect(names('*')).not.toContain('.hidden');
    expect(names('.h*')).toEqual(['.hidden']);
    expect(names('x\\[1]')).toEqual(['x[1]']);
    expect(names('[a-b].so')).toEqual(['a.so', 'b.so']);
    expect(names('[z-a].so')).toEqual([]);
    expect(names('a.so/*')).toEqual([]);
    expect(names('dir*')).toEqual(['dir']);
    expect(names('(a|b)*')).toEqual([]);
  });

  test('what a ! leaves out stays behind, with all that is in it, unless somebody names it', () => {
    using scratch = new Scratch();
    for (const name of ['lib/a.py', 'lib/test/b.py', 'lib/sub/test/c.py', 'lib/x-packages/d.py'])
      scratch.file(name, 'x');
    const { path } = scratch;
    const taken = (...requests: string[]) =>
      [...close(requests).entries]
        .filter(([, { entry }]) => entry.type === 'file')
        .map(([file]) => file.slice(path.length + 1));
    expect(taken(`${path}/lib`)).toHaveLength(4);
    const withoutBoth = [`!${path}/lib/test`, `!${path}/*/*-packages`];
    expect(taken(`${path}/lib`, ...withoutBoth)).toEqual(['lib/a.py', 'lib/sub/test/c.py']);
    expect(taken(`${path}/lib/*`, ...withoutBoth)).toEqual(['lib/a.py', 'lib/sub/test/c.py']);
    expect(taken(`${path}/lib`, `${path}/lib/test/b.py`, `!${path}/lib/test`)).toContain(
      'lib/test/b.py',
    );
    expect(taken(...withoutBoth)).toEqual([]);
  });

  test('a program whose name is a bracket is a program', () => {
    expect(close(['/usr/bin/[']).entries.has('/usr/bin/[')).toBe(true);
  });
});

describe('packages', () => {
  test.skipIf(!hasCommand('dpkg-query'))(
    'the files of a Debian package come, the directories it shares do not',
    () => {
      const closure = close(['package:hostname']);
      expect(closure.diagnostics).toEqual([]);
      const program =
        closure.entries.get('/usr/bin/hostname') ?? closure.entries.get('/bin/hostname');
      expect(program?.reason).toMatchObject({
        because: 'requested',
        request: { entry: 'package:hostname' },
      });
      expect([...closure.entries.keys()].some((path) => path.endsWith('/libc.so.6'))).toBe(true);
      expect([...closure.entries.keys()]).not.toContain('/usr/bin/ls');
    },
  );

  test('one that is not installed is an error', () => {
    expect(close(['package:no-such-package']).diagnostics).toMatchObject([
      { code: 'package-not-found' },
    ]);
  });

  test('rpm is asked where there is no dpkg', () => {
    const asked: string[][] = [];
    const reader = {
      ...hostReader,
      which: (command: string) => (command === 'dpkg-query' ? undefined : `/usr/bin/${command}`),
      query: (argv: readonly [string, ...string[]]) => {
        asked.push([...argv]);
        return { status: 0, stdout: '/usr/bin\n/usr/bin/env\n(contains no files)\n', stderr: '' };
      },
    };
    expect(close(['package:coreutils'], {}, reader).entries.has('/usr/bin/env')).toBe(true);
    expect(asked).toEqual([['rpm', '--query', '--list', '--', 'coreutils']]);
  });
});

describe('Jailkit sections', () => {
  const text = `
[base]
comment = first
paths = /bin/sh, ls,
  cat
includesections = more, base
[more]
executables: /usr/bin/env
devices = /dev/null
emptydirs = /srv
need_logsocket = 1
users = root
`;

  test('are read as Python reads them, includes of includes once each', () => {
    expect(jailkitSectionNames(text)).toEqual(['base', 'more']);
    expect(jailkitSection(text, 'none')).toBeUndefined();
    expect(jailkitSection(text, 'base')).toEqual({
      paths: ['/bin/sh', 'ls', 'cat', '/usr/bin/env'],
      emptyDirectories: ['/srv'],
      devices: ['/dev/null'],
      needsLogSocket: true,
    });
  });

  const reader = {
    ...hostReader,
    readText: (path: string) =>
      path === '/etc/jailkit/jk_init.ini' ? text : hostReader.readText(path),
  };

  test('bring tools and empty directories; devices and sockets are left out with a reason', () => {
    const closure = close(['jailkit:base'], {}, reader);
    expect(closure.diagnostics).toEqual([]);
    expect([...closure.entries.keys()]).toEqual(
      expect.arrayContaining(['/usr/bin/ls', '/usr/bin/env', '/srv']),
    );
    expect(whyLeftOut(closure, '/dev/null')).toContain('/dev');
    expect(whyLeftOut(closure, '/dev/log')).toContain('socket');
  });

  test('a section that is not there is an error with the nearest name', () => {
    expect(close(['jailkit:bsae'], {}, reader).diagnostics).toMatchObject([
      { code: 'jailkit-section-not-found', hint: 'did you mean base?' },
    ]);
  });

  test.skipIf(hostReader.lstat('/etc/jailkit/jk_init.ini') === undefined)(
    "every section of the host's own file closes without an error",
    () => {
      const names = jailkitSectionNames(hostReader.readText('/etc/jailkit/jk_init.ini') ?? '');
      expect(names).toContain('basicshell');
      const closure = close(
        ['basicshell', 'extendedshell', 'netutils', 'ssh', 'jk_lsh'].map(
          (name) => `jailkit:${name}`,
        ),
      );
      expect(closure.diagnostics).toEqual([]);
      expect([...closure.entries.keys()]).toEqual(
        expect.arrayContaining(['/usr/bin/bash', '/usr/bin/ls']),
      );
      expect(closure.entries.has('/dev/null')).toBe(false);
    },
  );
});

test('the order of the requests changes nothing', () => {
  using scratch = new Scratch();
  scratch.file('tool/script', '#!/bin/sh\n', 0o755);
  scratch.file('tool/secret', 'x', 0o600);
  const requests = [
    'sh',
    'ls',
    `${scratch.path}/tool`,
    `${scratch.path}/tool/s*`,
    '/bin/ls',
    'nope',
    '?sort',
    'package:hostname',
  ].map((entry, index) => request(entry, index + 1));
  const options = { network: false, env: {}, jailPaths: [] };
  const plain = (order: typeof requests) => {
    const { entries, leftOut, diagnostics } = closeOver(hostReader, order, options);
    return { entries: [...entries], leftOut, diagnostics };
  };
  const expected = plain(requests);
  fc.assert(
    fc.property(fc.shuffledSubarray(requests, { minLength: requests.length }), (order) => {
      expect(plain(order)).toEqual(expected);
    }),
    { numRuns: 12 },
  );
});
