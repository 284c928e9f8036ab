import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outsideJails } from '../../src/host/tenant-path.ts';

let directory: string;
const resolved = (path: string) => outsideJails(path, `${directory}/register`).path;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(`${tmpdir()}/jailctl-tenant-path-`));
  for (const name of ['register', 'jail/home/one', 'jail-too/place', 'other', 'far']) {
    mkdirSync(`${directory}/${name}`, { recursive: true });
  }
  for (const name of ['jail', 'other', 'gone']) {
    symlinkSync(`${directory}/${name}`, `${directory}/register/${name}`);
  }
  writeFileSync(`${directory}/jail-too/x`, '');
  const links = {
    'jail/planted': '../jail-too/x',
    'jail/home/one/way-out': `${directory}/jail-too`,
    way: 'jail',
    'far/way': '../way',
    link: 'jail/x',
    home: `${directory}/jail/home/one`,
    loop: 'loop',
    'jail-too/self': 'x',
    'jail-too/place/up': '../..',
    'jail-too/new': 'not-yet',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, `${directory}/${name}`);
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a path of the host', () => {
  test.for([
    ['jail', 'the jail itself'],
    ['jail/x', 'a file of it'],
    ['jail/gone/x', 'what is missing there'],
    ['jail/planted', 'a link that leads out of it'],
    ['jail/home/one/way-out/x', 'a link to a directory outside'],
    ['home/way-out/x', 'both ends outside, but not the way'],
    ['home/way-out/not-yet', 'a new file at the end of such a way'],
    ['way/x', 'a link to the jail'],
    ['far/way/x', 'a link to a link'],
    ['link', 'a link as the last part'],
    ['jail-too/../jail/x', 'dots'],
    ['jail/../jail-too/x', 'dots that lead out again'],
    ['home/../../../jail-too/x', 'dots behind a link'],
    ['//jail/.//x', 'doubled slashes'],
  ] as const)('may not lead through a jail: %s (%s)', ([path]) => {
    expect(() => resolved(`${directory}/${path}`)).toThrow(
      expect.objectContaining({
        exitCode: 3,
        message: expect.stringContaining(`leads into the jail jail (${directory}/jail)`),
        hint: expect.stringContaining('--copy-out'),
      }),
    );
  });

  test('may not lead through another jail either', () => {
    expect(() => resolved(`${directory}/other/x`)).toThrow('leads into the jail other');
  });

  test.for([
    ['jail-too/x', 'jail-too/x'],
    ['jail-too/self', 'jail-too/x'],
    ['jail-too/new', 'jail-too/not-yet'],
    ['jail-too/place/up/jail-too/./x', 'jail-too/x'],
    ['jail-too/place/up/../x', '../x'],
    ['gone/x', 'gone/x'],
    ['missing/../x', 'missing/../x'],
    ['missing/deep/x', 'missing/deep/x'],
  ])('may lead elsewhere, and is what the kernel makes of it: %s', ([path, expected]) => {
    const parent = realpathSync(`${directory}/..`);
    const wanted = expected?.startsWith('../')
      ? `${parent}/${expected.slice(3)}`
      : `${directory}/${expected}`;
    expect(resolved(`${directory}/${path}`)).toBe(wanted);
  });

  test('may start at the working directory', () => {
    expect(resolved('package.json')).toBe(realpathSync('package.json'));
  });

  test('may not go round for ever', () => {
    expect(() => resolved(`${directory}/loop`)).toThrow(
      expect.objectContaining({ exitCode: 3, message: expect.stringContaining('too many links') }),
    );
  });

  test('that is a descriptor of this process stays what it is', () => {
    const script = `
      import { openSync, readFileSync, constants } from 'node:fs';
      import { outsideJails } from '${import.meta.dirname}/../../src/host/tenant-path.ts';
      const { path, flags } = outsideJails('/dev/stdin');
      process.stdout.write(readFileSync(openSync(path, constants.O_RDONLY | flags)));`;
    const node = [process.execPath, '--input-type=module', '--eval', script];
    const answer = execFileSync('sh', ['-c', 'echo hello | "$0" "$@"', ...node]);
    expect(answer.toString()).toBe('hello\n');
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(!isRoot)('may not lead to a jail that is mounted elsewhere', () => {
    const script = `
      import { outsideJails } from '${import.meta.dirname}/../../src/host/tenant-path.ts';
      outsideJails('${directory}/far/x', '${directory}/register');`;
    const shell = `mount --bind ${directory}/jail ${directory}/far && exec "$0" "$@"`;
    const node = [process.execPath, '--input-type=module', '--eval', script];
    const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', shell, ...node]);
    expect([status, stderr.toString()]).toEqual([
      1,
      expect.stringContaining('leads into the jail jail'),
    ]);
  });
});
