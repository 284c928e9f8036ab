import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { removeLeftovers } from '../../src/verify/leftovers.ts';
import type { Action, InsideOptions, Range } from '../../src/verify/range.ts';
import { engineHost } from '../scenarios/exec-jail.ts';
import { scriptedRange } from './scripted.ts';

const uuid = '01234567-89ab-cdef-0123-456789abcdef';

async function removed(type: string, list: () => readonly string[]) {
  const actions: (readonly [Action, InsideOptions | undefined])[] = [];
  const range = scriptedRange({ outside: () => 'done', inside: () => 'done' });
  const reader = { lstat: () => ({ type }), list };
  const inside = (action: Action, options?: InsideOptions) => {
    actions.push([action, options]);
    return range.inside(action, options);
  };
  await removeLeftovers({ ...range, inside, host: { ...range.host, reader } } as unknown as Range);
  return actions;
}

test('what a verification left goes, and nothing else does', async () => {
  const own = [`.jailctl-probe-${uuid}`, '.jailctl-probe-0123456789abcdef'];
  const others = ['.jailctl-probe-', '.jailctl-probe-notes', '.profile', `x.jailctl-probe-${uuid}`];
  const [first, ...more] = await removed('directory', () => [...own, ...others]);
  expect(first?.[0]).toEqual(['remove-left', ...own.map((name) => `/home/web1/${name}`)]);
  expect(first?.[1]).toMatchObject({ home: 'keep' });
  expect(more).toEqual([]);
});

test('nothing is run where nothing was left, or where nobody can tell', async () => {
  expect(await removed('directory', () => ['.profile'])).toEqual([]);
  expect(await removed('symlink', () => [`.jailctl-probe-${uuid}`])).toEqual([]);
  const closed = () => {
    throw new Error('EACCES');
  };
  expect(await removed('directory', closed)).toEqual([]);
});

test.for(['runc', 'chroot'])(
  'a verification with %s clears up after one that was killed',
  async (engine) => {
    await using host = await engineHost(engine, 'jails: { web: { users: 1, tools: [sh] } }');
    const home = '/srv/web/home/web1';
    const probe = fileURLToPath(new URL('../../dist/jailctl-probe', import.meta.url));
    const plant = `
as="$1 --as $(id -u web1)"
$as make-deep 300 ${home}/.jailctl-probe-${uuid} keep
$as keep-file ${home}/.jailctl-probe-0123456789abcdef text
$as plant symlink ${home}/.jailctl-probe-fedcba9876543210 /srv
$as keep-file ${home}/notes text`;
    await host.ok(['sh', '-e', '-c', plant, 'sh', probe]);
    const names = async () => (await host.ok(['ls', '-A', home])).split('\n');
    const left = (name: string) => name.startsWith('.jailctl-probe-');
    expect((await names()).filter(left)).toHaveLength(3);
    await host.jailctl(['verify', '--engine', engine, '--only', 'files/absolute-path']);
    expect((await names()).filter(left)).toEqual([]);
    expect(await names()).toContain('notes');
    expect(await host.ok(['ls', '-d', '/srv/web'])).toBe('/srv/web\n');
  },
);
