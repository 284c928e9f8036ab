import { describe, expect, test } from 'vitest';
import { noReads, queryKey, type Reads } from '../../src/observed/reads.ts';
import { replayReads } from '../../src/observed/replay.ts';
import {
  looksLikeObservation,
  observationText,
  readObservation,
} from '../../src/report/observation.ts';
import { expectValid } from '../documents/run.ts';

/** One of everything. */
function sample(): Reads {
  const reads = noReads();
  reads.stats.set('/usr/bin/ls', {
    ...({ type: 'file', mode: 0o4755, uid: 1, gid: 2, sizeBytes: 3, mtimeSeconds: 4 } as const),
    ...{ mtimeMs: 4999.0625, ctimeMs: 5.5, links: 6, inode: 7, device: 8, major: 9, minor: 10 },
  });
  reads.stats.set('/none', null);
  reads.lists.set('/etc', ['__proto__', 'passwd']);
  reads.lists.set('/none', null);
  reads.links.set('/bin', 'usr/bin');
  reads.texts.set('/etc/group', 'root:x:0:\n');
  reads.texts.set('/none', null);
  reads.parts.set('/usr/bin/ls', new Map([['0+4', Buffer.from('\x7fELF')]]));
  reads.digests.set('/usr/bin/ls', '0'.repeat(64));
  reads.commands.set('__proto__', null);
  reads.commands.set('ls', '/usr/bin/ls');
  reads.queries.set('["iptables-save"]', { status: 0, stdout: '*filter\n', stderr: '' });
  const argv = ['du', '--summarize', '--'];
  const outputs = new Map([['/web', '1\t/web\0']]);
  reads.pathQueries.set(JSON.stringify(argv), { argv, outputs });
  return reads;
}

const observation = { observedAt: '2026-11-26T10:00:00.000Z', jailctlVersion: '0.1.0' };
const text = observationText({ ...observation, reads: sample() });

describe('an observation', () => {
  test('is read back as it was', () => {
    expect(looksLikeObservation(text)).toBe(true);
    expect(readObservation('host.json', text)).toEqual({ ...observation, reads: sample() });
  });

  test('looks as its schema and its golden example say', async () => {
    const document = JSON.parse(text);
    expectValid('observation', document);
    const pretty = `${JSON.stringify(document, null, 1)}\n`;
    await expect(pretty).toMatchFileSnapshot('../documents/golden/observation.txt');
  });
});

describe('a host that is read from an observation', () => {
  const unknown = (what: string): never => {
    throw new Error(`unknown: ${what}`);
  };
  const host = replayReads(sample(), unknown);

  test('says what was seen, and what was seen to be missing', () => {
    expect(host.lstat('/usr/bin/ls')?.sizeBytes).toBe(3);
    expect(host.lstat('/none')).toBeUndefined();
    expect(host.list('/none')).toBeUndefined();
    expect(host.readText('/none')).toBeUndefined();
    expect(host.which('__proto__')).toBeUndefined();
    expect(host.query(['du', '--summarize', '--', '/web']).stdout).toBe('1\t/web\0');
    expect(host.query(['du', '--summarize', '--']).stdout).toBe('');
  });

  test('knows what a file holds by another of its names, and of no other file', () => {
    const reads = sample();
    const ls = reads.stats.get('/usr/bin/ls');
    if (!ls) throw new Error('the sample has no ls');
    reads.stats.set('/web/usr/bin/ls', ls);
    reads.stats.set('/other', { ...ls, inode: 8 });
    reads.stats.set('/elsewhere', { ...ls, device: 9 });
    const other = replayReads(reads, unknown);
    expect(other.digest('/web/usr/bin/ls')).toBe('0'.repeat(64));
    for (const path of ['/other', '/elsewhere']) expect(() => other.digest(path)).toThrow(path);
  });

  test('knows the attributes of a file by another of its names, and of no other file', () => {
    const reads = sample();
    const ls = reads.stats.get('/usr/bin/ls');
    if (!ls) throw new Error('the sample has no ls');
    const argv = ['getfattr', '--'] as const;
    const outputs = new Map([['/usr/bin/ls', '# file: /usr/bin/ls\nsecurity.capability\n\n']]);
    reads.pathQueries.set(queryKey(argv), { argv, outputs });
    reads.stats.set('/web/usr/bin/ls', ls);
    reads.stats.set('/other', { ...ls, inode: 8 });
    const other = replayReads(reads, unknown);
    expect(other.query([...argv, '/web/usr/bin/ls', '/usr/bin/ls']).stdout).toBe(
      '# file: /web/usr/bin/ls\nsecurity.capability\n\n# file: /usr/bin/ls\nsecurity.capability\n\n',
    );
    expect(() => other.query([...argv, '/other'])).toThrow('the extended attributes of /other');
  });

  test.for([
    ['lstat', () => host.lstat('/usr/bin/cat'), '/usr/bin/cat'],
    ['list', () => host.list('/usr'), 'what is in /usr'],
    ['readLink', () => host.readLink('/lib'), 'where /lib leads to'],
    ['readText', () => host.readText('/etc/passwd'), 'the text of /etc/passwd'],
    ['readBytes', () => host.readBytes('/usr/bin/cat', 0, 4), 'the content of /usr/bin/cat'],
    ['another part', () => host.readBytes('/usr/bin/ls', 0, 5), 'the content of /usr/bin/ls'],
    ['digest', () => host.digest('/usr/bin/cat'), 'the content of /usr/bin/cat'],
    ['which', () => host.which('constructor'), 'the command constructor'],
    ['query', () => host.query(['ip6tables-save']), 'ip6tables-save'],
    ['another size', () => host.query(['du', '--summarize', '--', '/a']), 'the size of /a'],
    ['attributes', () => host.query(['getfattr', '--', '/a']), 'getfattr -- /a'],
  ] as const)('never takes what nobody looked at for missing: %s', ([, read, what]) => {
    expect(read).toThrow(`unknown: ${what}`);
  });
});
