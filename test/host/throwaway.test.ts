import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createThrowawayHost } from '../../src/host/throwaway.ts';
import { exitCode } from '../../src/model/exit-code.ts';
import { testHost } from '../rig/host.ts';
import { nested, throwawayModule } from '../rig/nested.ts';

/** What a throwaway host must not change, of the real one. */
function realHost() {
  const read = (path: string) => readFileSync(path, 'utf8');
  const rules = (tool: string) =>
    execFileSync(tool, { encoding: 'utf8' }).replaceAll(/^#.*\n/gm, '');
  return {
    mounts: read('/proc/self/mountinfo'),
    passwd: read('/etc/passwd'),
    ipv4: rules('iptables-save'),
    ipv6: rules('ip6tables-save'),
    hostname: read('/proc/sys/kernel/hostname'),
    forwarding: read('/proc/sys/net/ipv6/conf/all/forwarding'),
  };
}

/** The processes of the real host that are in this PID namespace, named as its link is. */
function processesIn(namespace: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return readlinkSync(`/proc/${name}/ns/pid`) === namespace;
    } catch {
      return false;
    }
  });
}

describe('a throwaway host', () => {
  test('keeps accounts, rules, files, mounts and sysctls from the real host', async () => {
    const before = realHost();
    await using host = await testHost();
    await host.ok(['useradd', '--uid=71234', 'throwaway-user']);
    for (const tool of ['iptables', 'ip6tables']) {
      await host.ok([tool, '--append', 'OUTPUT', '--jump', 'DROP']);
    }
    await host.write('/etc/throwaway-file', 'text');
    await host.ok(['mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
    await host.ok(['sh', '-c', 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding']);
    expect(await host.read('/etc/passwd')).toContain('throwaway-user:x:71234');
    expect(await host.read('/proc/sys/net/ipv6/conf/all/forwarding')).toBe('1\n');
    expect(realHost()).toEqual(before);
    expect(existsSync('/etc/throwaway-file')).toBe(false);
  });

  test('leaves no process and no mount behind', async () => {
    const before = realHost();
    const host = await testHost();
    const namespace = (await host.ok(['readlink', '/proc/self/ns/pid'])).trim();
    await host.ok(['sh', '-c', 'setsid sleep 1000 >/dev/null 2>&1 &']);
    const server = host.spawn(['sh', '-c', 'trap "" TERM; echo up; while :; do sleep 1; done']);
    await server.printed('up');
    expect(processesIn(namespace).length).toBeGreaterThan(2);
    await host[Symbol.asyncDispose]();
    expect(processesIn(namespace)).toEqual([]);
    expect(await server.result()).toMatchObject({ signal: 'SIGKILL' });
    expect(realHost()).toEqual(before);
  });

  test('ends when its owner is killed', async () => {
    const script = `
      import { createThrowawayHost } from ${JSON.stringify(throwawayModule)};
      const host = await createThrowawayHost();
      console.log((await host.run(['readlink', '/proc/self/ns/pid'])).stdout);
      setInterval(() => {}, 1000);
    `;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const namespace = await new Promise<string>((resolve) =>
      owner.stdout.once('data', (chunk) => resolve(String(chunk).trim())),
    );
    expect(processesIn(namespace)).not.toEqual([]);
    owner.kill('SIGKILL');
    await expect.poll(() => processesIn(namespace), { timeout: 10_000 }).toEqual([]);
  });

  test('does not see another one', async () => {
    await using first = await testHost();
    await using second = await testHost();
    await first.write('/srv/only-here', 'first');
    await first.ok(['useradd', 'only-here']);
    await first.ok(['iptables', '--new-chain=ONLY-HERE']);
    expect((await second.run(['test', '-e', '/srv/only-here'])).exitCode).toBe(1);
    expect(await second.read('/etc/passwd')).not.toContain('only-here');
    expect((await second.snapshot()).rules.ipv4).not.toContain('ONLY-HERE');
    await using _server = await first.listen('tcp', '127.0.0.1', 7001);
    expect(await first.ask('tcp', '127.0.0.1', 7001)).toBe('answered');
    expect(await second.ask('tcp', '127.0.0.1', 7001)).toBe('ECONNREFUSED');
  });

  test('has the packet rules of its host, of both families and both tools', async () => {
    await using host = await testHost();
    const tools = ['iptables-nft', 'ip6tables-nft', 'iptables-legacy', 'ip6tables-legacy'];
    const rule = (tool: string) => `-A OUTPUT -p tcp -m comment --comment "of ${tool}" -j DROP`;
    for (const tool of tools) {
      await host.ok([`${tool}-restore`], { input: `*filter\n${rule(tool)}\nCOMMIT\n` });
    }
    const saves = tools.map((tool) => `${tool}-save`).join('; ');
    const inside = await nested(host, `return shell(${JSON.stringify(saves)})`);
    for (const tool of tools) expect(inside).toContain(rule(tool));
  });

  test('has the other file systems of its host, each copied on write', async () => {
    await using host = await testHost();
    await host.ok(['mount', '-t', 'tmpfs', '-o', 'noexec,mode=0751', 'data', '/srv']);
    await host.ok(['mkdir', '-p', '/srv/a, b:c']);
    await host.ok(['mount', '-t', 'tmpfs', 'data', '/srv/a, b:c']);
    await host.write('/srv/kept', 'old');
    await host.write('/srv/a, b:c/kept', 'old');
    await host.ok(['mount', '--bind', '/etc/hostname', '/etc/issue']);
    await host.ok(['mount', '-t', 'tmpfs', '-o', 'ro', 'data', '/opt']);
    const answer = await nested(
      host,
      `await shell('echo new >/srv/kept; rm "/srv/a, b:c/kept"');
       return {
         seen: await shell('stat -c %a /srv; cat /srv/kept; ls "/srv/a, b:c" | wc -l'),
         options: await shell('findmnt --noheadings --output=OPTIONS /srv'),
         refused: (await inner.run(['touch', '/opt/new'])).stderr,
         changed: inner.changedPaths().map((one) => [one.change, one.path]),
         warnings: inner.warnings,
       };`,
    );
    expect(answer).toMatchObject({
      seen: '751\nnew\n0\n',
      options: expect.stringContaining('noexec'),
      refused: expect.stringContaining('Read-only file system'),
      changed: [
        ['deleted', '/srv/a, b:c/kept'],
        ['changed', '/srv/kept'],
      ],
      warnings: [expect.stringMatching(/^read only, .*: \/etc\/issue$/)],
    });
    expect(await host.read('/srv/kept')).toBe('old');
    expect(await host.read('/srv/a, b:c/kept')).toBe('old');
  });

  test('has a loopback interface with both families', async () => {
    await using host = await testHost();
    for (const address of ['127.0.0.1', '::1']) {
      for (const protocol of ['tcp', 'udp'] as const) {
        await using _server = await host.listen(protocol, address, 7002, { user: 71000 });
        expect(await host.ask(protocol, address, 7002, { user: 71001 })).toBe('answered');
        expect(await host.ask(protocol, address, 7003)).toBe('ECONNREFUSED');
      }
    }
  });

  test('shows no cgroup tree, and nothing of the kernel that could be written', async () => {
    await using host = await testHost();
    expect(await host.ok(['find', '/sys/fs/cgroup', '-mindepth', '1'])).toBe('');
    expect((await host.snapshot()).mounts.join('\n')).not.toMatch(/cgroup|devtmpfs/);
    for (const path of ['/proc/sys/vm/swappiness', '/sys/class/net/lo/mtu']) {
      const { exitCode, stderr } = await host.run(['sh', '-c', 'cat "$1" >"$1"', 'sh', path]);
      expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining('Read-only')]);
    }
    expect(await host.read('/proc/sys/kernel/hostname')).toBe('throwaway\n');
  });

  test('has the usual devices, for an ordinary user too', async () => {
    await using host = await testHost();
    const script = `
import os
os.write(os.open('/dev/null', os.O_WRONLY), b'x')
assert os.read(os.open('/dev/zero', os.O_RDONLY), 3) == bytes(3)
for name in ['random', 'urandom']:
    assert len(os.read(os.open('/dev/' + name, os.O_RDONLY), 3)) == 3
try:
    os.write(os.open('/dev/full', os.O_WRONLY), b'x')
except OSError as error:
    print(error.strerror)
print(os.ttyname(os.openpty()[1]))
open('/dev/shm/mine', 'w')
`;
    const printed = await host.ok(['/usr/bin/python3', '-c', script], { user: 71000 });
    expect(printed).toBe('No space left on device\n/dev/pts/0\n');
  });

  test('reaps orphans, as a real process 1 does', async () => {
    await using host = await testHost();
    await host.ok(['sh', '-c', '(sleep 0.1 &)']);
    const states = () => host.ok(['ps', '-e', '-o', 'stat=,comm=']);
    await expect.poll(states).not.toContain('sleep');
  });

  test('is refused to others than root', async () => {
    process.seteuid?.(65_534);
    try {
      await expect(createThrowawayHost()).rejects.toMatchObject({
        exitCode: exitCode.missing,
        hint: expect.stringContaining('sudo'),
      });
    } finally {
      process.seteuid?.(0);
    }
  });

  test('says why the kernel refuses to make it', async () => {
    await using host = await testHost();
    const script = `
      import { createThrowawayHost } from ${JSON.stringify(throwawayModule)};
      const { message, exitCode } = await createThrowawayHost().catch((error) => error);
      console.log(message, exitCode);
    `;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const printed = await host.ok(['setpriv', '--bounding-set=-sys_admin', '--', ...node]);
    expect(printed).toMatch(/^can't make a throwaway host: .*Operation not permitted 7$/m);
  });
});
