import type { ExaminedHost } from '../../src/doctor/check.ts';
import { readOldIds } from '../../src/doctor/old-ids/old-ids.ts';
import type { Reader } from '../../src/model/reader.ts';

export const pool = { first: 70000, last: 70009 };

/** A host that consists of text files; nothing else of it is there. */
export function textHost(files: Readonly<Record<string, string>>): ExaminedHost {
  const texts: Readonly<Record<string, string>> = {
    '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nbob:x:70004:70005::/home/bob:/bin/sh\n',
    '/etc/group': 'root:x:0:\nstaff:x:70006:\n',
    ...files,
  };
  const refuse = (): never => {
    throw new Error('this host has only text files');
  };
  const reader: Reader = {
    readText: (path) => texts[path],
    lstat: () => undefined,
    list: () => undefined,
    which: () => undefined,
    readLink: refuse,
    readBytes: refuse,
    digest: refuse,
    isSame: refuse,
    query: refuse,
  };
  return {
    ...{ reader, oldIds: readOldIds(reader, [pool]), isRoot: true, init: 'systemd' },
    ...{ runs: { cgroups: 'v2', controllers: [], engines: [] }, manifest: undefined },
  };
}
