import type { Reader } from '../../src/model/reader.ts';

/** A host that consists of these files; what else is asked of it is a fault of the test. */
export function textReader(files: Readonly<Record<string, string>>): Reader {
  const refuse = (): never => {
    throw new Error('this host has only text files');
  };
  return {
    readText: (path) => files[path],
    lstat: refuse,
    list: refuse,
    readLink: refuse,
    readBytes: refuse,
    digest: refuse,
    isSame: refuse,
    query: refuse,
    which: refuse,
  };
}
