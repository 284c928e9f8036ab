import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostReader } from '../../src/host/reader.ts';
import { close, Scratch, whyLeftOut } from './host.ts';

describe('modes', () => {
  test('setuid, setgid, sticky and the write bits of group and others do not come along', () => {
    using scratch = new Scratch();
    const file = scratch.file('tool/data', 'x', 0o7777);
    const plain = scratch.file('tool/plain', 'x', 0o664);
    chmodSync(join(scratch.path, 'tool'), 0o1777);
    const { entries } = close([`${scratch.path}/tool`]);
    expect(entries.get(file)?.entry).toMatchObject({ mode: 0o755 });
    expect(entries.get(plain)?.entry).toMatchObject({ mode: 0o644 });
    expect(entries.get(`${scratch.path}/tool`)?.entry).toEqual({ type: 'directory', mode: 0o755 });
  });

  test('a setuid program of the host comes without its bit', () => {
    const { entries } = close(['/usr/bin/passwd']);
    expect(hostReader.lstat('/usr/bin/passwd')?.mode).toBe(0o4755);
    expect(entries.get('/usr/bin/passwd')?.entry).toMatchObject({ mode: 0o755 });
  });

  test('a directory on the way to a tool can be entered, whatever it is on the host', () => {
    using scratch = new Scratch();
    const file = scratch.file('closed/tool', 'x');
    chmodSync(join(scratch.path, 'closed'), 0o700);
    const closure = close([file]);
    expect(closure.entries.get(join(scratch.path, 'closed'))).toEqual({
      entry: { type: 'directory', mode: 0o755 },
      reason: { because: 'parent-directory', neededBy: file },
    });
  });
});

describe('secrets', () => {
  test('a file that not everybody can read is an error when it is named', () => {
    expect(close(['/etc/shadow']).diagnostics).toMatchObject([
      { code: 'tool-secret', message: expect.stringContaining('/etc/shadow') },
    ]);
  });

  test('inside a directory it is left out, and so is what lies in a closed directory', () => {
    using scratch = new Scratch();
    const key = scratch.file('tool/key', 'x', 0o640);
    const hidden = scratch.file('tool/closed/open', 'x', 0o644);
    chmodSync(join(scratch.path, 'tool/closed'), 0o711);
    const unlisted = join(scratch.path, 'tool/unlisted');
    mkdirSync(unlisted, { mode: 0o711 });
    symlinkSync('closed/open', join(scratch.path, 'tool/link'));
    const closed = scratch.file('private/file', 'x', 0o644);
    chmodSync(join(scratch.path, 'private'), 0o700);
    symlinkSync('../private/file', join(scratch.path, 'tool/out'));
    const closure = close([`${scratch.path}/tool`]);
    expect(closure.diagnostics).toEqual([]);
    for (const path of [key, unlisted, join(scratch.path, 'tool/out')]) {
      expect(whyLeftOut(closure, path)).toBeDefined();
      expect(closure.entries.has(path)).toBe(false);
    }
    expect(closure.entries.has(closed)).toBe(false);
    expect(closure.entries.has(hidden)).toBe(true);
    expect(closure.entries.get(hidden)?.reason).toMatchObject({ because: 'symlink' });
  });
});

describe('places that nothing is taken from', () => {
  test.each([
    '/',
    '/proc/self/exe',
    '/sys',
    '/dev/null',
    '/run',
    '/etc',
    '/home',
    '/root',
    '/proc',
  ])('%s is an error', (path) => {
    const closure = close([path]);
    expect(closure.diagnostics).toHaveLength(1);
    expect(closure.entries.size).toBe(0);
  });

  test('a symlink does not help', () => {
    using scratch = new Scratch();
    symlinkSync('/etc', join(scratch.path, 'link'));
    mkdirSync(join(scratch.path, 'tool'));
    symlinkSync('/proc/self', join(scratch.path, 'tool/self'));
    expect(close([`${scratch.path}/link`]).diagnostics).toMatchObject([{ code: 'tool-forbidden' }]);
    const closure = close([`${scratch.path}/tool`]);
    expect(whyLeftOut(closure, `${scratch.path}/tool/self`)).toContain('/proc');
  });

  test('a jail is not copied into a jail', () => {
    using scratch = new Scratch();
    const file = scratch.file('jail/usr/bin/tool', 'x');
    scratch.file('other', 'x');
    const jailPaths = [`${scratch.path}/jail`];
    expect(close([file], { jailPaths }).diagnostics).toMatchObject([{ code: 'tool-forbidden' }]);
    const closure = close([scratch.path], { jailPaths });
    expect([...closure.entries.keys()]).not.toContain(`${scratch.path}/jail`);
    expect(whyLeftOut(closure, `${scratch.path}/jail`)).toContain('in the jail');
  });

  test('another file system is not entered', () => {
    using scratch = new Scratch();
    scratch.file('tool/mounted/file', 'x');
    const reader = {
      ...hostReader,
      lstat: (path: string) => {
        const stat = hostReader.lstat(path);
        return stat && path.endsWith('/mounted') ? { ...stat, device: stat.device + 1 } : stat;
      },
    };
    const closure = close([`${scratch.path}/tool`], {}, reader);
    expect(whyLeftOut(closure, `${scratch.path}/tool/mounted`)).toContain('another file system');
    expect(closure.entries.has(`${scratch.path}/tool/mounted/file`)).toBe(false);
  });

  test('sockets and FIFOs are left out, and never opened', async () => {
    using scratch = new Scratch();
    mkdirSync(join(scratch.path, 'tool'));
    execFileSync('mkfifo', ['--mode=755', join(scratch.path, 'tool/fifo.so')]);
    const server = createServer().listen(join(scratch.path, 'tool/socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const closure = close([`${scratch.path}/tool`]);
      expect(closure.leftOut.map(({ path }) => path)).toEqual([
        `${scratch.path}/tool/fifo.so`,
        `${scratch.path}/tool/socket`,
      ]);
      expect(close([`${scratch.path}/tool/fifo.so`]).diagnostics).toHaveLength(1);
    } finally {
      server.close();
    }
  });
});

describe('symlinks', () => {
  test('every link on the way and every link of the chain is kept, with its target as written', () => {
    using scratch = new Scratch();
    const file = scratch.file('real/deep/tool-1.2', 'x');
    symlinkSync('real', join(scratch.path, 'current'));
    symlinkSync('tool-1', join(scratch.path, 'real/deep/tool'));
    symlinkSync(`${scratch.path}/current/deep/tool-1.2`, join(scratch.path, 'real/deep/tool-1'));
    const { entries, diagnostics } = close([`${scratch.path}/current/deep/tool`]);
    const at = (name: string) => entries.get(join(scratch.path, name));
    expect(diagnostics).toEqual([]);
    expect(at('current')?.entry).toEqual({ type: 'symlink', target: 'real' });
    expect(at('real/deep/tool')?.entry).toEqual({ type: 'symlink', target: 'tool-1' });
    expect(at('real/deep/tool')?.reason).toMatchObject({ because: 'requested' });
    expect(at('real/deep/tool-1')?.reason).toEqual({
      because: 'symlink',
      neededBy: join(scratch.path, 'real/deep/tool'),
    });
    expect(entries.get(file)?.entry).toMatchObject({ type: 'file', source: { path: file } });
    expect(at('real/deep')?.entry).toEqual({ type: 'directory', mode: 0o755 });
    for (const path of entries.keys()) expect(path).not.toContain('current/');
  });

  test('a circle is an error when it is named, and left out among many', () => {
    using scratch = new Scratch();
    mkdirSync(join(scratch.path, 'tool'));
    symlinkSync('b', join(scratch.path, 'tool/a'));
    symlinkSync('a', join(scratch.path, 'tool/b'));
    symlinkSync('nowhere', join(scratch.path, 'tool/dangling'));
    expect(close([`${scratch.path}/tool/a`]).diagnostics).toMatchObject([
      { code: 'tool-not-found' },
    ]);
    const closure = close([`${scratch.path}/tool`]);
    expect(closure.diagnostics).toEqual([]);
    expect(whyLeftOut(closure, `${scratch.path}/tool/a`)).toContain('circle');
    expect(whyLeftOut(closure, `${scratch.path}/tool/dangling`)).toContain('nowhere');
  });

  test('a link out of a directory brings what it leads to, a directory whole', () => {
    using scratch = new Scratch();
    const data = scratch.file('share/data/one', 'x');
    scratch.file('tool/file', 'x');
    symlinkSync('../share/data', join(scratch.path, 'tool/data'));
    const { entries } = close([`${scratch.path}/tool`]);
    expect(entries.get(`${scratch.path}/tool/data`)?.entry).toEqual({
      type: 'symlink',
      target: '../share/data',
    });
    expect(entries.get(data)?.reason).toEqual({
      because: 'symlink',
      neededBy: `${scratch.path}/tool/data`,
    });
  });

  test('a link up to a directory that nobody asked for does not bring all of it', () => {
    using scratch = new Scratch();
    scratch.file('other/file', 'x');
    scratch.file('tool/file', 'x');
    symlinkSync('..', join(scratch.path, 'tool/up'));
    symlinkSync('.', join(scratch.path, 'tool/self'));
    const closure = close([`${scratch.path}/tool`]);
    expect(whyLeftOut(closure, `${scratch.path}/tool/up`)).toContain('leads up');
    expect(closure.entries.has(`${scratch.path}/other/file`)).toBe(false);
    expect(closure.entries.get(`${scratch.path}/tool/self`)?.entry).toEqual({
      type: 'symlink',
      target: '.',
    });
  });

  test('no path of a closure goes through a symlink of it', () => {
    const { entries } = close(['python3', 'bash', '?java', '/usr/lib/python3*'], { network: true });
    for (const path of entries.keys()) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      if (parent !== '')
        expect([path, entries.get(parent)?.entry.type]).toEqual([path, 'directory']);
    }
  });
});
