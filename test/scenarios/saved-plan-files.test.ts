import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { stateOf } from './cli.ts';
import { apply, manifestPath, shell, writeManifest } from './jails.ts';

const saved = '/run/plan.json';
const file = ['--file', manifestPath] as const;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
  await apply(host);
  await writeManifest(host, 'jails:\n  web: { users: 2, tools: [ls] }\n');
});
afterAll(() => host[Symbol.asyncDispose]());

const plan = (out: string) => host.jailctl(['plan', ...file, '--out', out]);

describe('apply of a file that is no good plan', () => {
  test.for([
    ['cut', `truncate --size=-40 ${saved}`, /is cut off: it ends at line \d+, column \d+/],
    ['empty', `: >${saved}`, /is cut off: it ends at line 1, column 1/],
    ['damaged', `sed -i '3s/^{/[/' ${saved}`, /is damaged: at line 3, column \d+ it is no JSON/],
    [
      'another document',
      `echo '{"format_version": "1.1", "changes": []}' >${saved}`,
      /is not a saved plan of jailctl/,
    ],
    ['no document', `echo '[1]' >${saved}`, /is not a saved plan of jailctl/],
    [
      'of a newer form',
      `sed -i 's/"format_version":"1.0"/"format_version":"1.7"/' ${saved}`,
      /has the form "1.7", and this jailctl reads 1.0 only/,
    ],
    [
      'of wrong types',
      `sed -i '2s/"wanted":"[^"]*"/"wanted":7/' ${saved}`,
      /is damaged: "\/facts\/0\/wanted" must be string,null/,
    ],
    [
      'with an unknown field',
      `sed -i '1s/"type"/"argv":["rm"],"type"/' ${saved}`,
      /is damaged: its top level must NOT have additional properties \("argv"\)/,
    ],
    [
      'without a field',
      `sed -i '1s/"jails":null,//' ${saved}`,
      /must have required property 'jails'/,
    ],
    [
      'with another fact',
      `sed -i 's/next UID/next uid/' ${saved}`,
      /was changed after jailctl wrote it/,
    ],
    [
      'with other jails',
      `sed -i '1s/"jails":null/"jails":["web"]/' ${saved}`,
      /was changed after jailctl wrote it/,
    ],
    ['missing', `rm ${saved}`, /plan.json can't be read/],
    ['a directory', `rm ${saved}; mkdir ${saved}`, /plan.json can't be read/],
  ] as const)('is refused: %s', async ([, harm, why]) => {
    await shell(host, `rm -rf ${saved}`);
    expect((await plan(saved)).exitCode).toBe(0);
    await shell(host, harm);
    const before = await stateOf(host);
    const result = await host.jailctl(['apply', saved, '--yes']);
    expect(result, result.stderr).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toMatch(why);
    expect(result.stderr).toContain(saved);
    expect(await stateOf(host)).toEqual(before);
    await shell(host, `rm -rf ${saved}`);
  });

  test('in a jail is refused: its users could put another there', async () => {
    expect((await plan('/run/good.json')).exitCode).toBe(0);
    await shell(host, 'cp /run/good.json /web/home/web1/plan.json');
    const result = await host.jailctl(['apply', '/web/home/web1/plan.json', '--yes']);
    expect(result).toMatchObject({ exitCode: 3, stderr: /leads into the jail web/ });
  });
});

describe('plan --out', () => {
  test.for([
    ['a symlink', `ln -s /etc/passwd ${saved}`, /a symlink is in the way/],
    ['a symlink to nothing', `ln -s /run/none ${saved}`, /a symlink is in the way/],
    [
      'a foreign file',
      `echo precious >${saved}`,
      /a file that jailctl did not write is in the way/,
    ],
    ['a directory', `mkdir ${saved}`, /a directory is in the way/],
    ['a FIFO', `mkfifo ${saved}`, /no regular file is in the way/],
  ] as const)('does not replace %s', async ([, put, why]) => {
    await shell(host, `rm -rf ${saved}; ${put}`);
    const look = () => shell(host, `ls -ld --time-style=full-iso ${saved}; cat /etc/passwd`);
    const before = await look();
    expect(await plan(saved)).toMatchObject({ exitCode: 3, stdout: '', stderr: why });
    expect(await look()).toBe(before);
    await shell(host, `rm -rf ${saved}`);
  });

  test('replaces an older plan, whatever mode somebody gave it, and leaves nothing else', async () => {
    expect((await plan(saved)).exitCode).toBe(0);
    const first = await host.read(saved);
    await shell(host, `chmod 0666 ${saved}`);
    expect((await plan(saved)).exitCode).toBe(0);
    expect(await host.read(saved)).not.toBe(first);
    expect(await shell(host, `stat --format=%a ${saved}; ls /run | grep plan.json`)).toBe(
      '600\nplan.json\n',
    );
  });

  test.for([
    ['in a directory that is not there', '/run/none/plan.json', /is its directory there\?/],
    ['in a jail', '/web/home/web1/plan.json.new', /leads into the jail web/],
  ] as const)('writes nothing %s', async ([, out, why]) => {
    const before = await stateOf(host);
    expect(await plan(out)).toMatchObject({ exitCode: 3, stdout: '', stderr: why });
    expect(await stateOf(host)).toEqual(before);
  });

  test('leaves the old plan whole when the disk is full', async () => {
    await shell(host, 'mkdir /run/small; mount -t tmpfs -o size=64k none /run/small');
    expect((await plan('/run/small/plan.json')).exitCode).toBe(0);
    const old = await host.read('/run/small/plan.json');
    await host.run(['sh', '-c', 'head -c 1M /dev/zero >/run/small/full']);
    expect(await plan('/run/small/plan.json')).toMatchObject({ exitCode: 3, stderr: /ENOSPC/ });
    expect(await host.read('/run/small/plan.json')).toBe(old);
    expect(await shell(host, 'ls -A /run/small')).toBe('full\nplan.json\n');
    await shell(host, 'umount /run/small');
  });
});
