import { describe, expect, test } from 'vitest';
import { observeOldBoot, oldBootSteps } from '../../src/kinds/firewall/old-boot.ts';
import type { Reader, Stat } from '../../src/model/reader.ts';

const users = [
  { name: 'jail1', uid: 1001 },
  { name: 'jail2', uid: 1002 },
];

/** A host that has one file. */
function hostWith(text: string, stat: Partial<Stat> = {}): Reader {
  const file = { type: 'file', mode: 0o755, uid: 0, ...stat } as Stat;
  return {
    lstat: (path: string) => (path === '/etc/rc.local' ? file : undefined),
    readText: () => text,
  } as unknown as Reader;
}

const look = (text: string, stat?: Partial<Stat>) => observeOldBoot(hostWith(text, stat), users);

const rule = (owner: string | number, tool = 'iptables') =>
  `${tool} -A OUTPUT -m owner --uid-owner ${owner} -j DROP`;

describe('lines of rc.local that put old rules back', () => {
  test.for([
    ['by UID', rule(1001)],
    ['by name', rule('jail2')],
    ['of IPv6', rule(1001, 'ip6tables')],
    ['by a path', rule(1001, '/sbin/iptables')],
    ['by a longer path', rule(1001, '/usr/sbin/iptables')],
    ['by sudo', rule(1001, 'sudo iptables')],
    ['that wait', 'iptables -w -A OUTPUT -m owner --uid-owner 1001 -j DROP'],
    ['that reject', 'iptables -I OUTPUT -m owner --uid-owner 1001 -j REJECT'],
    ['with blanks at the end', `${rule(1001)}  `],
  ])('%s go, and all else stays byte for byte', ([, line]) => {
    const text = `#!/bin/sh\n# mine\n${line}\necho ä &\n\nexit 0`;
    const { files, warnings } = look(text);
    expect(warnings).toEqual([]);
    expect(files).toMatchObject([{ path: '/etc/rc.local', lines: [line] }]);
    const [step] = oldBootSteps(files);
    expect(step).toMatchObject({ op: 'writeFile', mode: 0o755 });
    const { base64 = '', expected = '' } = step as { base64?: string; expected?: string };
    expect(Buffer.from(base64, 'base64').toString()).toBe('#!/bin/sh\n# mine\necho ä &\n\nexit 0');
    expect(Buffer.from(expected, 'base64').toString()).toBe(text);
  });

  test.for([
    ['another user', rule(1003)],
    ['a user whose name begins so', rule('jail11')],
    ['a longer UID', rule(10011)],
    ['a user of another jail', rule('jail2x1')],
    ['another program', 'echo iptables'],
    ['nobody, being a comment', `# ${rule(1001)}`],
  ])('of %s are none', ([, line]) => {
    expect(look(`#!/bin/sh\n${line}\n`)).toEqual({ files: [], warnings: [] });
  });

  test.for([
    ['one that does more', `${rule(1001)} || true`],
    ['one with a port', 'iptables -A OUTPUT -p tcp -m owner --uid-owner 1001 -j DROP'],
    ['one that lets through', 'iptables -A OUTPUT -m owner --uid-owner jail1 -j ACCEPT'],
    ['an indented one', `  ${rule(1001)}`],
    ['a branch', `if true; then\n${rule(1001)}\nfi`],
    ['a loop', `for n in 1; do\n${rule(1001)}\ndone`],
    ['a text', `cat <<END\n${rule(1001)}\nEND`],
    ['a line that goes on', `true && \\\n${rule(1001)}`],
    ['a pipe', `true |\n${rule(1001)}`],
    ['a function', `cut() {\n${rule(1001)}\n}`],
  ])('are left to a person where they are %s', ([, lines]) => {
    const { files, warnings } = look(`#!/bin/sh\n${lines}\n`);
    expect(files).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^left in \/etc\/rc.local .*iptables/)]);
  });

  test.for([
    ['somebody else owns the file', { uid: 1001 }],
    ['others can write to it', { mode: 0o775 }],
  ] as const)('are left to a person where %s', ([, stat]) => {
    const { files, warnings } = look(`${rule(1001)}\n`, stat);
    expect(files).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('others than root can write')]);
  });
});
