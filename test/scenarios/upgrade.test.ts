import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, expectNothingToDo, plan, shell, writeManifest } from './jails.ts';

const jails = `
uids: 74000-74999
jails:
  web: { users: 1, tools: [sh, ls, /opt/tool, /opt/tool/bin/greet] }
  other: { users: 1, tools: [sh] }
`;

/** Everything in the jails with its inode number and times: what is the same was not touched. */
async function untouched(host: TestHost): Promise<ReadonlySet<string>> {
  const find = `find /web /other -not -type d -not -name settings.json -printf '%p %i %T@ %C@\\n'`;
  return new Set((await shell(host, find)).split('\n').filter((line) => line !== ''));
}

/** The paths of what was touched or made since. */
function since(before: ReadonlySet<string>, after: ReadonlySet<string>): readonly string[] {
  const other = [...after].filter((line) => !before.has(line));
  return other.map((line) => line.replace(/ .*/, '')).sort();
}

interface Upgrade {
  readonly name: string;
  /** Shell text. */
  readonly change: string;
  /** Each is a line of the plan. */
  readonly shows: readonly RegExp[];
  /** The files of the jails that may be written, and must. */
  readonly written: readonly RegExp[];
}

const library = '$(find /usr/lib -name libselinux.so.1)';

const upgrades: readonly Upgrade[] = [
  {
    name: 'a library replaced by rename, as package managers do',
    change: `cp ${library} /run/new; printf more >>/run/new
      cp /run/new ${library}.new; mv ${library}.new ${library}`,
    shows: [/~ \/usr\/lib\/\S*libselinux\.so\.1: .*its time differs/],
    written: [/^\/web\/usr\/lib\/.*libselinux\.so\.1$/],
  },
  {
    name: 'a library replaced by one of the same size and time',
    change: `cp -p ${library} /run/new; printf X | dd of=/run/new bs=1 seek=9000 conv=notrunc
      touch -r ${library} /run/new; cp -p /run/new ${library}.new; mv ${library}.new ${library}`,
    shows: [/~ \/usr\/lib\/\S*libselinux\.so\.1: its content was altered/],
    written: [/^\/web\/usr\/lib\/.*libselinux\.so\.1$/],
  },
  {
    name: 'a file changed in place, below a directory that is taken whole',
    change: 'echo two >>/opt/tool/data/one',
    shows: [
      /~ \/opt\/tool\/data\/one: 8 bytes, wanted 12|~ \/opt\/tool\/data\/one: 4 bytes, wanted 8/,
    ],
    written: [/^\/web\/opt\/tool\/data\/one$/],
  },
  {
    name: 'a file and a directory added below it',
    change: 'mkdir /opt/tool/new; echo new >/opt/tool/new/file; ln -s file /opt/tool/new/link',
    shows: [/\+ \/opt\/tool\/new$/, /\+ \/opt\/tool\/new\/file \(4 bytes\)$/],
    written: [/^\/web\/opt\/tool\/new\/file$/, /^\/web\/opt\/tool\/new\/link$/],
  },
  {
    name: 'a file removed below it',
    change: 'rm /opt/tool/data/two',
    shows: [/- \/opt\/tool\/data\/two: nothing asks for it$/],
    written: [],
  },
  {
    name: 'a directory removed below it',
    change: 'rm -r /opt/tool/new',
    shows: [/- \/opt\/tool\/new: nothing asks for it$/],
    written: [],
  },
  {
    name: 'a mode changed below it',
    change: 'chmod 0755 /opt/tool/data/three',
    shows: [/~ \/opt\/tool\/data\/three: mode 0644, wanted 0755$/],
    written: [/^\/web\/opt\/tool\/data\/three$/],
  },
  {
    name: 'a file replaced by a symlink below it',
    change: 'ln -sf one /opt/tool/data/three',
    shows: [/~ \/opt\/tool\/data\/three: it is a file, wanted a symlink$/],
    written: [/^\/web\/opt\/tool\/data\/three$/],
  },
  {
    name: 'a file that not everybody may read any more',
    change: 'rm /opt/tool/data/three; chmod 0640 /opt/tool/data/one',
    shows: [/- \/opt\/tool\/data\/one: nothing asks for it$/],
    written: [],
  },
  {
    name: 'a script that needs another interpreter now',
    change: `printf '#!/usr/bin/perl\\nprint "hello";' >/opt/tool/bin/greet`,
    shows: [/~ \/opt\/tool\/bin\/greet: /, /\+ \/usr\/bin\/perl /],
    written: [/^\/web\/(?:opt\/tool\/bin\/greet|usr\/.*|lib.*|etc\/ld\.so\.cache)$/],
  },
];

describe('tools of the host that were upgraded are updated in the jails:', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await shell(
      host,
      `mkdir -p /opt/tool/data /opt/tool/bin; cd /opt/tool
       for name in one two three; do echo "$name" >data/$name; done
       printf '#!/bin/sh\\necho hello' >bin/greet; chmod 0755 bin/greet`,
    );
    await writeManifest(host, jails);
    await apply(host);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.for(upgrades)('$name', async ({ change, shows, written }) => {
    const before = await untouched(host);
    await shell(host, change);
    const planned = await plan(host);
    expect(planned.changes).toBe(true);
    for (const pattern of shows) expect(planned.text).toMatch(new RegExp(pattern, 'm'));
    expect(planned.text).not.toContain('tree of other');
    await apply(host);
    const touched = since(before, await untouched(host));
    expect(touched.filter((path) => !written.some((pattern) => pattern.test(path)))).toEqual([]);
    for (const pattern of written) expect(touched).toContainEqual(expect.stringMatching(pattern));
    await expectNothingToDo(host);
    await shell(host, `cd /web/opt/tool; find . -type f -exec cmp {} /opt/tool/{} ';'`);
  });
});
