import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';

const driver = fileURLToPath(new URL('host-driver.ts', import.meta.url));

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host?.[Symbol.asyncDispose]());

const running: RunningCommand[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]();
  await host.ok(['sh', '-c', 'rm -rf /run/jailctl-verify* /tmp/*.pid']);
});

const shell = (script: string) => host.ok(['sh', '-c', script]);
const count = async (pattern: string) =>
  (await shell(`ls -d ${pattern} 2>/dev/null | wc -l`)).trim();

/** Something that a verification holds, in a process of its own. */
class Holder {
  readonly #process: RunningCommand;
  readonly #pidFile: string;

  constructor(name: string, ...args: readonly string[]) {
    this.#pidFile = `/tmp/${name}.pid`;
    this.#process = host.spawn([process.execPath, driver, this.#pidFile, ...args]);
    running.push(this.#process);
  }

  async says(text: string): Promise<this> {
    await this.#process.printed(text);
    return this;
  }

  async signal(name: string): Promise<string> {
    await shell(`kill -s ${name} "$(cat ${this.#pidFile})"`);
    const { exitCode, stdout, stderr } = await this.#process.result();
    if (exitCode !== undefined) expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return stdout;
  }
}

const open = (name: string) => new Holder(name, 'open').says('opened');
const turn = (name: string) => new Holder(name, 'turn').says('waiting');
const directories = '/run/jailctl-verify-*-*';

describe('what the host does for a verification', () => {
  test('lies in a directory that everybody can go through, and nobody list', async () => {
    const opened = await open('a');
    expect(await shell(`stat -c '%a %U' ${directories}`)).toBe('711 root\n');
    const asUser = { user: 70000 };
    const canary = (await shell(`ls ${directories}/canary-*`)).trim();
    expect(await host.ok(['cat', canary], asUser)).toMatch(/^canary [0-9a-f]{32}$/);
    expect((await host.run(['sh', '-c', `ls ${directories}`], asUser)).exitCode).not.toBe(0);
    await opened.signal('USR2');
    expect(await count('/run/jailctl*verify*')).toBe('0');
  });

  test('is removed by the next one after a kill, and only then', async () => {
    const [killed, living] = [await open('a'), await open('b')];
    await shell('mkdir /run/jailctl-verify-1-x /run/jailctl-verify-x');
    await killed.signal('KILL');
    expect(await count(directories)).toBe('3');
    const next = await open('c');
    // Those of running processes are left, and what is not a verification's.
    expect(await count('/run/jailctl-verify-1-x')).toBe('1');
    expect(await count('/run/jailctl-verify-x')).toBe('1');
    expect(await count(`${directories}/canary-*`)).toBe('2');
    await next.signal('USR2');
    expect(await count(`${directories}/canary-*`)).toBe('1');
    await living.signal('USR2');
    expect(await count(`${directories}/canary-*`)).toBe('0');
  });

  test('does not remove what is mounted in what a killed one left', async () => {
    const killed = await open('a');
    await shell(
      `cd ${directories} && mkdir mounted && mount --bind /srv mounted && touch /srv/kept`,
    );
    await killed.signal('KILL');
    await (await open('b')).signal('USR2');
    expect(await count('/srv/kept')).toBe('1');
    await shell('umount /run/jailctl-verify-*/mounted');
  });
});

describe('the turn', () => {
  test('is one at a time, and goes on to the next one', async () => {
    const first = await (await turn('a')).says('taken');
    const [second, third] = [await turn('b'), await turn('c')];
    expect(await first.signal('USR2')).toContain('taken');
    await Promise.race([second.says('taken'), third.says('taken')]);
    // Whichever has it lets the other one have it.
    await shell('sleep 0.3');
    await Promise.all([second.signal('USR2'), third.signal('USR2')]);
    expect(await count('/run/jailctl-verify.lock')).toBe('0');
  });

  test('is free again when its holder is killed, and nobody removes what another one has', async () => {
    const first = await (await turn('a')).says('taken');
    const second = await turn('b');
    await first.signal('KILL');
    await second.says('taken');
    await (await open('c')).signal('USR2');
    expect(await count('/run/jailctl-verify.lock')).toBe('1');
    await second.signal('USR2');
    expect(await count('/run/jailctl-verify.lock')).toBe('0');
  });

  test('is no longer waited for after an interrupt, and the holder keeps it', async () => {
    const first = await (await turn('a')).says('taken');
    const second = await turn('b');
    expect(await second.signal('USR1')).toBe('waiting\ninterrupted\n');
    expect(await count('/run/jailctl-verify.lock')).toBe('1');
    expect(await shell('pgrep -x flock || true')).toBe('');
    const third = await turn('c');
    await first.signal('USR2');
    await third.says('taken');
    await third.signal('USR2');
    expect(await count('/run/jailctl-verify.lock')).toBe('0');
  });

  test('that a killed verification left goes with the next one', async () => {
    const killed = await (await turn('a')).says('taken');
    await killed.signal('KILL');
    expect(await count('/run/jailctl-verify.lock')).toBe('1');
    await (await open('b')).signal('USR2');
    expect(await count('/run/jailctl-verify.lock')).toBe('0');
  });
});

describe('the helper in a jail', () => {
  const state = `stat -c '%n %a %u:%g %y' /srv/jail && ls -A /srv/jail`;
  const place = (name: string) => new Holder(name, 'place', '/srv/jail').says('placed');

  beforeAll(() =>
    shell('mkdir -p /srv/jail && touch -d "2001-02-03 04:05:06.123456789" /srv/jail'),
  );

  test("can be run by everybody, changes nobody else's file, and goes again", async () => {
    const before = await shell(state);
    const placed = await place('a');
    expect(await shell(`stat -c '%a %u:%g %h' /srv/jail/.jailctl-probe-*`)).toBe('755 0:0 1\n');
    await shell('cmp /bin/true /srv/jail/.jailctl-probe-*');
    await placed.signal('USR2');
    expect(await shell(state)).toBe(before);
  });

  test('goes with the next one after a kill, but not that of a running one', async () => {
    const before = await shell(state);
    const [killed, living] = [await place('a'), await place('b')];
    await killed.signal('KILL');
    // Whoever owns a foreign jail could plant these.
    await shell(
      'cd /srv/jail && ln -s /etc/passwd .jailctl-probe-999999-a && mkdir .jailctl-probe-999999-b',
    );
    const next = await place('c');
    expect(await count('/srv/jail/.jailctl-probe-*')).toBe('3');
    await shell('rmdir /srv/jail/.jailctl-probe-999999-b && test -s /etc/passwd');
    await next.signal('USR2');
    await living.signal('USR2');
    expect((await shell(state)).split('\n')[1]).toBe(before.split('\n')[1]);
  });

  test('is nothing that a removed jail is missed for', async () => {
    await shell('mkdir /srv/gone');
    const placed = await new Holder('a', 'place', '/srv/gone').says('placed');
    await shell('rm -r /srv/gone');
    await placed.signal('USR2');
  });
});
