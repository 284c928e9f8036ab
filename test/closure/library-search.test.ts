import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dependenciesOf } from '../../src/desired/closure/dependencies.ts';
import { HostView } from '../../src/desired/closure/host-view.ts';
import { LibrarySearch } from '../../src/desired/closure/library-search.ts';
import { hostReader } from '../../src/host/reader.ts';
import { close, hasCommand, Scratch } from './host.ts';

/** What we find for a program, symlinks followed. */
function found(path: string, view = new HostView(hostReader), libraryPath = ''): string[] {
  const elf = view.elf(path);
  if (elf === undefined) throw new Error(`${path} is not ELF`);
  const { found: all } = dependenciesOf(view, new LibrarySearch(view, libraryPath), path, elf);
  return [...new Set(all.map((each) => realpathSync(each.path)))].sort();
}

/** What the dynamic linker would load. These programs are the system's own, so asking it is safe. */
function loadedBy(linker: string, path: string): string[] {
  const text = execFileSync(linker, ['--list', path], { encoding: 'utf8', env: {} });
  const paths = [...text.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, file = '']) => file);
  return [...new Set(paths.map((file) => realpathSync(file)))].sort();
}

const linker = '/lib64/ld-linux-x86-64.so.2';
const source = 'extern int one(void); int main(void) { return one(); }';

describe.skipIf(!hostReader.lstat('/lib64') || !new HostView(hostReader).resolve(linker).found)(
  'against the dynamic linker',
  () => {
    test('programs of /usr/bin get the very libraries that it would load', () => {
      const view = new HostView(hostReader);
      const programs = view
        .list('/usr/bin')
        .map((name) => `/usr/bin/${name}`)
        .filter((path) => view.lstat(path)?.type === 'file')
        .filter((path) => view.elf(path)?.interpreter === linker)
        .filter((_, index) => index % 4 === 0)
        .slice(0, 120);
      expect(programs.length).toBeGreaterThan(20);
      for (const path of programs)
        expect([path, found(path, view)]).toEqual([path, loadedBy(linker, path)]);
    });

    test.skipIf(!hasCommand('gcc'))(
      'RPATH goes down to the libraries of libraries, RUNPATH does not',
      () => {
        using scratch = new Scratch();
        const directory = join(scratch.path, 'deep');
        mkdirSync(directory);
        const two = scratch.compile(
          'gcc',
          'deep/libtwo.so',
          'int two(void) { return 2; }',
          '-shared',
        );
        const one = scratch.compile(
          'gcc',
          'deep/libone.so',
          'extern int two(void); int one(void) { return two(); }',
          '-shared',
          `-L${directory}`,
          '-ltwo',
        );
        const link = (name: string, tags: string) =>
          scratch.compile(
            'gcc',
            name,
            source,
            `-L${directory}`,
            '-lone',
            `-Wl,-rpath-link,${directory},${tags},-rpath,$ORIGIN/deep`,
          );
        const inherited = link('inherited', '--disable-new-dtags');
        const own = link('own', '--enable-new-dtags');
        expect(found(inherited)).toEqual(loadedBy(linker, inherited));
        expect(found(inherited)).toEqual(expect.arrayContaining([one, two]));
        expect(found(own)).toContain(one);
        expect(found(own)).not.toContain(two);
        expect(close([own]).diagnostics).toMatchObject([
          {
            code: 'library-not-found',
            at: { line: 1 },
            message: expect.stringContaining('libtwo.so'),
          },
        ]);
      },
    );

    test.skipIf(!hasCommand('gcc'))(
      '$ORIGIN is the place of the program, also through a symlink to it',
      () => {
        using scratch = new Scratch();
        const library = scratch.compile(
          'gcc',
          'app/lib/libone.so',
          'int one(void) { return 1; }',
          '-shared',
        );
        const program = scratch.compile(
          'gcc',
          'app/bin/program',
          source,
          library,
          ['-Wl,-rpath,$', '{ORIGIN}/../lib'].join(''),
        );
        symlinkSync('app/bin/program', join(scratch.path, 'program'));
        const closure = close([join(scratch.path, 'program')]);
        expect(closure.diagnostics).toEqual([]);
        expect([...closure.entries.keys()]).toEqual(
          expect.arrayContaining([library, program, join(scratch.path, 'program')]),
        );
      },
    );

    test.skipIf(!hasCommand('gcc'))('a library that is named by a path is taken from there', () => {
      using scratch = new Scratch();
      const library = scratch.compile('gcc', 'one.so', 'int one(void) { return 1; }', '-shared');
      const program = scratch.compile('gcc', 'program', source, library);
      expect(found(program)).toEqual(loadedBy(linker, program));
      expect(found(program)).toContain(library);
    });

    test.skipIf(!hasCommand('gcc'))('every variant for other processors comes along', () => {
      using scratch = new Scratch();
      const base = scratch.compile(
        'gcc',
        'lib/libone.so',
        'int one(void) { return 1; }',
        '-shared',
      );
      const variants = ['x86-64-v2', 'x86-64-v4'].map((name) => {
        const directory = join(scratch.path, 'lib/glibc-hwcaps', name);
        mkdirSync(directory, { recursive: true });
        copyFileSync(base, join(directory, 'libone.so'));
        return join(directory, 'libone.so');
      });
      const program = scratch.compile(
        'gcc',
        'program',
        source,
        `-L${scratch.path}/lib`,
        '-lone',
        '-Wl,-rpath,$ORIGIN/lib',
      );
      expect(found(program)).toEqual(expect.arrayContaining([base, ...variants]));
    });

    test.skipIf(!hasCommand('gcc'))('LD_LIBRARY_PATH of the jail is searched', () => {
      using scratch = new Scratch();
      const library = scratch.compile(
        'gcc',
        'lib/libone.so',
        'int one(void) { return 1; }',
        '-shared',
      );
      const program = scratch.compile('gcc', 'program', source, `-L${scratch.path}/lib`, '-lone');
      expect(close([program]).diagnostics).toHaveLength(1);
      const closure = close([program], { env: { LD_LIBRARY_PATH: `${scratch.path}/lib` } });
      expect(closure.diagnostics).toEqual([]);
      expect(closure.entries.has(library)).toBe(true);
    });

    test.skipIf(!hasCommand('gcc'))(
      'a library for another processor does not count as found',
      () => {
        using scratch = new Scratch();
        const library = scratch.compile(
          'gcc',
          'lib/libone.so',
          'int one(void) { return 1; }',
          '-shared',
        );
        const program = scratch.compile(
          'gcc',
          'program',
          source,
          `-L${scratch.path}/lib`,
          '-lone',
          '-Wl,-rpath,$ORIGIN/lib',
        );
        const bytes = Buffer.from(hostReader.readBytes(library, 0, 1 << 20));
        bytes.writeUInt16LE(183, 18);
        scratch.file('lib/libone.so', bytes.toString('latin1'));
        expect(close([program]).diagnostics).toMatchObject([{ code: 'library-not-found' }]);
      },
    );
  },
);

test.skipIf(!hasCommand('gcc'))(
  'the directories of ld.so.conf are searched, includes and globs followed',
  () => {
    using scratch = new Scratch();
    const library = scratch.compile(
      'gcc',
      'libs/libone.so',
      'int one(void) { return 1; }',
      '-shared',
    );
    const program = scratch.compile('gcc', 'program', source, `-L${scratch.path}/libs`, '-lone');
    scratch.file(
      'conf.d/one.conf',
      `# comment\n${scratch.path}/libs/ # here\ninclude ${scratch.path}/conf.d/*.conf\n`,
    );
    const reader = {
      ...hostReader,
      readText: (path: string) =>
        path === '/etc/ld.so.conf'
          ? `include ${scratch.path}/conf.d/*.conf\n`
          : hostReader.readText(path),
    };
    expect(close([program], {}, reader).entries.has(library)).toBe(true);
    scratch.file('conf.d/one.conf', '');
    expect(close([program], {}, reader).diagnostics).toHaveLength(1);
  },
);

test.skipIf(!hasCommand('musl-gcc'))(
  'a musl program brings its loader, and a library by RPATH',
  () => {
    using scratch = new Scratch();
    const library = scratch.compile(
      'musl-gcc',
      'lib/libone.so',
      'int one(void) { return 1; }',
      '-shared',
      '-fPIC',
    );
    const program = scratch.compile(
      'musl-gcc',
      'program',
      source,
      `-L${scratch.path}/lib`,
      '-lone',
      '-Wl,-rpath,$ORIGIN/lib',
    );
    const closure = close([program]);
    expect(closure.diagnostics).toEqual([]);
    const paths = [...closure.entries.keys()];
    expect(paths).toContain(library);
    expect(paths.filter((path) => /\/ld-musl-|libc\.so$/.test(path)).length).toBeGreaterThan(0);
    expect(paths.filter((path) => path.endsWith('/libc.so.6'))).toEqual([]);
  },
);

test.skipIf(!hasCommand('gcc'))('libraries that need each other in a circle end', () => {
  using scratch = new Scratch();
  const make = (name: string, ...needed: string[]) =>
    scratch.compile(
      'gcc',
      `${name}.so`,
      `int ${name}(void) { return 1; }`,
      '-shared',
      `-Wl,--no-as-needed,-rpath,$ORIGIN,-soname,${name}.so`,
      `-L${scratch.path}`,
      ...needed,
    );
  const one = make('one');
  const two = make('two', one);
  make('one', two);
  const closure = close([one]);
  expect(closure.diagnostics).toEqual([]);
  expect(closure.entries.has(two)).toBe(true);
});
