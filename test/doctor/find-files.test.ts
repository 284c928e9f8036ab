import { describe, expect, test } from 'vitest';
import { fileFindings } from '../../src/doctor/old-ids/file-findings.ts';
import { findOldFiles } from '../../src/doctor/old-ids/find-files.ts';
import type { QueryResult } from '../../src/model/reader.ts';
import { textHost } from './host-of.ts';

/** What is made of this output of the search below `/srv`. */
function found(output: Partial<QueryResult>) {
  const { reader, oldIds } = textHost({});
  const query = () => ({ status: 0, stdout: 'end\0', stderr: '', ...output });
  const which = (command: string) => `/usr/bin/${command}`;
  const places = [{ root: '/srv', except: [] }];
  return fileFindings(findOldFiles({ ...reader, query, which }, oldIds, places), 'file');
}

describe('a search for files', () => {
  test('tells of each ID apart, in their order', () => {
    const records = ['g70002 /srv/b', 'u70003 /srv/a', '=u70003 12', '=g70002 1', 'end', ''];
    const findings = found({ stdout: records.join('\0') });
    expect(findings.map(({ message, evidence, more }) => [message, ...evidence, more])).toEqual([
      ['1 file of GID 70002, which nobody has', '/srv/b', 0],
      ['12 files of UID 70003, which nobody has', '/srv/a', 11],
    ]);
  });

  test('that was cut fails: it must not look as if there were nothing', () => {
    const cut = () => found({ stdout: 'u70003 /srv/a\0', stderr: 'awk: out of memory\n' });
    expect(cut).toThrow("can't look for files in /srv");
    expect(() => found({ stdout: '' })).toThrow("can't look for files in /srv");
  });

  test('says what could not be looked at, but for what vanished meanwhile', () => {
    const gone = "find: '/srv/x': No such file or directory\n";
    const broken = "find: '/srv/y': Input/output error\n";
    expect(found({ stderr: gone })).toEqual([]);
    expect(found({ stderr: gone + broken })).toMatchObject([
      {
        status: 'warning',
        message: 'not everything could be looked at',
        evidence: [broken.trim()],
      },
    ]);
  });

  test('needs its tools', () => {
    const { reader, oldIds } = textHost({});
    expect(() => findOldFiles(reader, oldIds, [])).toThrow('the host has no find');
  });
});
