import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { closeOver } from '../../src/desired/closure/close-over.ts';
import { hostReader } from '../../src/host/reader.ts';
import { parseRequirements } from '../../src/manifest/requirements.ts';
import { hasCommand } from './host.ts';

const directory = fileURLToPath(new URL('../../requirements/', import.meta.url));

/** A path that a jail of each file has, wherever the distribution keeps it. */
const expected: Readonly<Record<string, readonly RegExp[]>> = {
  bash: [/\/bin\/bash$/, /\/bin\/sort$/],
  gcc: [
    /\/cc1$/,
    /\/crt1\.o$/,
    /\/libgcc\.a$/,
    /\/include\/stdio\.h$/,
    /\/bin\/(?:[^/]+-)?ld(?:\.bfd)?$/,
  ],
  java: [/\/lib\/server\/libjvm\.so$/, /\/lib\/modules$/, /\/jvm\.cfg$/, /\/java\.security$/],
  node: [/\/bin\/node$/, /\/libstdc\+\+\.so\.6$/],
  perl: [/\/bin\/perl$/, /\/strict\.pm$/, /\/POSIX\.pm$/, /\/List\/Util\.pm$/],
  python3: [
    /\/json\/__init__\.py$/,
    /\/ssl\.py$/,
    /\/concurrent\/futures\/__init__\.py$/,
    /\/collections\/__init__\.py$/,
    /\/sqlite3\/__init__\.py$/,
    /\/ctypes\/__init__\.py$/,
    /\/libsqlite3\.so/,
  ],
};

test('each requirement file has an expectation here', () => {
  const names = readdirSync(directory).map((name) => name.replace('.txt', ''));
  expect(names.sort()).toEqual(Object.keys(expected).sort());
});

for (const [name, patterns] of Object.entries(expected)) {
  test(`${name}.txt closes over without a mistake`, ({ skip }) => {
    skip(!hasCommand(name), `this host has no ${name}`);
    const file = `${directory}${name}.txt`;
    const { requests, diagnostics } = parseRequirements(file, readFileSync(file, 'utf8'));
    expect(diagnostics).toEqual([]);
    const closure = closeOver(hostReader, requests, {
      network: false,
      env: { LANG: 'C.UTF-8' },
      jailPaths: [],
    });
    expect(closure.diagnostics).toEqual([]);
    const paths = [...closure.entries.keys()];
    for (const pattern of patterns) expect(paths.some((path) => pattern.test(path))).toBe(true);
    for (const path of paths)
      expect(path).not.toMatch(/(?:dist|site)-packages|\/src\.zip$|cc1plus$/);
  });
}
