import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { provision } from '../scenarios/exec-jail.ts';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await provision(host, 'uids: 82400-82499\njails: { box: { users: 1, tools: ["true"] } }\n');
});
afterAll(() => host[Symbol.asyncDispose]());

/** Runs jailctl, and tells which modules of Node it loads that an empty program does not. */
async function loadedBy(...args: readonly string[]): Promise<ReadonlySet<string>> {
  const program = `
    const before = new Set(process.moduleLoadList);
    process.on('exit', () => {
      const loaded = process.moduleLoadList.filter((name) => !before.has(name));
      process.getBuiltinModule('node:fs').writeFileSync('/run/loaded', JSON.stringify(loaded));
    });
    await import(process.argv[1]);`;
  const argv = ['--input-type=module', '--eval', program, `${root}/dist/jailctl.js`, ...args];
  // A pipe or a terminal as a stream loads net.
  const quiet = ['sh', '-c', 'exec "$@" </dev/null >/dev/null 2>&1', 'sh'] as const;
  await host.run([...quiet, process.execPath, ...argv]);
  const list: readonly string[] = JSON.parse(await host.ok(['cat', '/run/loaded']));
  return new Set(list.map((name) => name.replace('NativeModule ', '')));
}

/** What of Node takes a millisecond or more, and what asks for it. */
const slow = [
  ...['child_process', 'crypto', 'net', 'perf_hooks', 'readline', 'zlib'],
  'internal/fs/watchers',
];

describe('a start of jailctl loads what it needs of Node, and no more', () => {
  test.for([
    ['--version', []],
    // A stdin that is a file is a stream of node:fs.
    ['exec box -- true', ['child_process', 'net', 'internal/fs/watchers']],
    ['plan --file /nowhere', []],
    ['plan --destroy', ['child_process', 'net']],
  ] as const)('%s', async ([args, needed]) => {
    const loaded = await loadedBy(...args.split(' '));
    expect(slow.filter((name) => loaded.has(name))).toEqual(needed);
  });

  test('and for the version three files of its own', async () => {
    const trace = [
      'strace',
      '--follow-forks',
      '--trace=open,openat',
      '--output=/run/trace',
    ] as const;
    await host.ok([...trace, process.execPath, `${root}/dist/jailctl.js`, '--version']);
    const files = `${root}/dist/[^"]*[.]js"`;
    const opened = await host.ok(['grep', '--only-matching', files, '/run/trace']);
    const names = new Set(
      opened
        .trim()
        .split('\n')
        .map((path) => basename(path, '"')),
    );
    expect([...names]).toEqual([
      'jailctl.js',
      expect.stringMatching(/^start-/),
      expect.stringMatching(/^chunk-/),
    ]);
  });
});
