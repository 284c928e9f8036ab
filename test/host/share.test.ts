import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mountImage } from '../rig/disk-image.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { shell } from '../scenarios/jails.ts';

const copySteps = fileURLToPath(new URL('copy-steps.ts', import.meta.url));

/** Copies a file by a step with a twin, and tells what became of it. */
interface Copied {
  /** Of the copy, its twin and the source: `stat --format=%i`. */
  readonly inodes: readonly [copy: string, twin: string, source: string];
  /** Does the copy have blocks that another file has, too? */
  readonly sharesBlocks: boolean;
}

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await mountImage(host, 'ext4', '/ext4');
  await mountImage(host, 'xfs', '/xfs');
  await mountImage(host, 'btrfs', '/btrfs');
  // Larger than what btrfs keeps beside the inode.
  await shell(host, 'head -c 100000 /dev/urandom >/opt/tool; chmod 0644 /opt/tool');
});
afterAll(() => host?.[Symbol.asyncDispose]());

/** A step of a plan, for the source as it is now. */
async function stepFor(from: string, place: string, twin: string) {
  const format = '--format={"sizeBytes":%s,"mtimeSeconds":%Y,"ctime":"%z"}';
  const { ctime, ...rest } = JSON.parse(await host.ok(['stat', format, '--', from]));
  const script = 'process.stdout.write(String(fs.statSync(process.argv[1]).ctimeMs))';
  const ctimeMs = Number(await host.ok([process.execPath, '-e', script, from]));
  expect(new Date(ctimeMs).getSeconds()).toBe(new Date(ctime).getSeconds());
  const to = { path: `${place}/copy`, temporary: `${place}/scratch/new` };
  return { op: 'copyFile', from, to, mode: 0o755, ...rest, ctimeMs, twin };
}

/** A copy of the source, as one that jailctl made, and an empty scratch. */
const makeTwin = (from: string, place: string, twin: string) =>
  shell(
    host,
    `rm -rf ${place}; mkdir -p ${place}/scratch "$(dirname ${twin})"
     rm -f ${twin}; cp --reflink=never --preserve=timestamps ${from} ${twin}; chmod 0755 ${twin}`,
  );

async function copy(from: string, place: string, twin: string): Promise<Copied> {
  const step = await stepFor(from, place, twin);
  await host.ok([process.execPath, copySteps], { input: JSON.stringify([step]) });
  const state = await shell(host, `stat --format='%a %u:%g %s %Y' ${place}/copy`);
  expect(state).toBe(`755 0:0 ${step.sizeBytes} ${step.mtimeSeconds}\n`);
  await shell(host, `cmp ${from} ${place}/copy; test -z "$(ls -A ${place}/scratch)"`);
  const inodes = await shell(
    host,
    `for path in ${place}/copy ${twin} ${from}; do stat --format=%i $path 2>/dev/null || echo -; done`,
  );
  const extents = await shell(host, `sync -f ${place}; filefrag -v ${place}/copy || true`);
  return {
    inodes: inodes.trim().split('\n') as [string, string, string],
    sharesBlocks: /\bshared\b/.test(extents),
  };
}

describe.for(['xfs', 'btrfs'])('on %s', (type) => {
  test('a source of the same file system becomes a reflink, and the twin is left alone', async () => {
    await shell(host, `cp --preserve=timestamps /opt/tool /${type}/source`);
    await makeTwin('/opt/tool', `/${type}/web`, `/${type}/judge/copy`);
    const { inodes, sharesBlocks } = await copy(
      `/${type}/source`,
      `/${type}/web`,
      `/${type}/judge/copy`,
    );
    expect(new Set(inodes).size).toBe(3);
    expect(sharesBlocks).toBe(true);
    await shell(host, `filefrag -v /${type}/source | grep shared`);
  });

  test('a source of another one becomes a reflink of the twin', async () => {
    await makeTwin('/opt/tool', `/${type}/web`, `/${type}/judge/copy`);
    const { inodes, sharesBlocks } = await copy('/opt/tool', `/${type}/web`, `/${type}/judge/copy`);
    expect(new Set(inodes).size).toBe(3);
    expect(sharesBlocks).toBe(true);
    await shell(host, `filefrag -v /${type}/judge/copy | grep shared`);
  });
});

describe('where there are no reflinks', () => {
  const [place, twin] = ['/ext4/web', '/ext4/judge/copy'];

  test('a file becomes a hard link of its twin', async () => {
    await makeTwin('/opt/tool', place, twin);
    const { inodes } = await copy('/opt/tool', place, twin);
    expect(inodes[0]).toBe(inodes[1]);
  });

  test('one that is its twin already stays, and nothing else does', async () => {
    await makeTwin('/opt/tool', place, twin);
    await shell(host, `ln ${twin} ${place}/copy`);
    const { inodes } = await copy('/opt/tool', place, twin);
    expect(inodes[0]).toBe(inodes[1]);
  });

  test('a twin with as many names as it can have is copied, and its copy is linked to', async () => {
    await makeTwin('/opt/tool', place, twin);
    // 65,000 for each file: EXT4_LINK_MAX.
    const fill = `
import os
os.mkdir('/ext4/names')
for n in range(64999): os.link('${twin}', f'/ext4/names/{n}')
assert os.stat('${twin}').st_nlink == 65000`;
    await host.ok(['python3', '-c', fill]);
    const first = await stepFor('/opt/tool', place, twin);
    const second = { ...first, to: { ...first.to, path: `${place}/next` }, twin: `${place}/copy` };
    await host.ok([process.execPath, copySteps], { input: JSON.stringify([first, second]) });
    await shell(
      host,
      `cmp /opt/tool ${place}/copy; test ! ${place}/copy -ef ${twin}; test ${place}/copy -ef ${place}/next
       rm -r /ext4/names`,
    );
  });

  test('they are asked for once, and not for every file', async () => {
    await makeTwin('/opt/tool', place, twin);
    const step = await stepFor('/opt/tool', place, twin);
    const steps = Array.from({ length: 9 }, (_, number) => ({
      ...step,
      to: { ...step.to, path: `${place}/copy-${number}` },
    }));
    const trace = ['strace', '-f', '-qq', '-e', 'trace=ioctl', '-o', '/run/trace'] as const;
    await host.ok([...trace, process.execPath, copySteps], { input: JSON.stringify(steps) });
    // Of the source, and of the twin.
    expect(await shell(host, 'grep -c FICLONE /run/trace')).toBe('2\n');
    await shell(host, `test ${place}/copy-0 -ef ${place}/copy-8`);
  });

  const others: readonly (readonly [string, string])[] = [
    ['is not there', `rm ${twin}`],
    ['is below a file', `rm -r /ext4/judge; touch /ext4/judge`],
    ['is a symlink to what is right', `mv ${twin} ${twin}-there; ln -s copy-there ${twin}`],
    ['is a FIFO', `rm ${twin}; mkfifo ${twin}`],
    ['is a directory', `rm ${twin}; mkdir ${twin}`],
    ["is somebody's", `chown 70000 ${twin}`],
    ["is a group's", `chown :70000 ${twin}`],
    ['is writable for others', `chmod 0777 ${twin}`],
    ['has the setuid bit', `chmod 4755 ${twin}`],
    ['is larger', `printf x >>${twin}; touch -r /opt/tool ${twin}`],
    ['is older', `touch -d 2001-01-01 ${twin}`],
    ['can not be changed', `chattr +i ${twin}`],
  ];
  test.for(others)('a twin that %s is not linked to', async ([, harm]) => {
    await shell(host, 'chattr -f -i /ext4/judge/copy || true; rm -rf /ext4/judge');
    await makeTwin('/opt/tool', place, twin);
    await shell(host, harm);
    const { inodes } = await copy('/opt/tool', place, twin);
    expect(inodes[0]).not.toBe(inodes[1]);
    await shell(host, `test "$(stat --format=%h ${place}/copy)" = 1`);
    await shell(host, 'chattr -f -i /ext4/judge/copy || true; rm -rf /ext4/judge');
  });

  test('a twin on another file system is not linked to', async () => {
    await makeTwin('/opt/tool', place, '/opt/judge/copy');
    const { inodes } = await copy('/opt/tool', place, '/opt/judge/copy');
    expect(inodes[0]).not.toBe(inodes[1]);
  });

  test("a twin that is the host's own file is not linked to", async () => {
    await makeTwin('/opt/tool', place, twin);
    await shell(host, `cp -p ${twin} /ext4/tool; ln -f /ext4/tool ${twin}`);
    const { inodes } = await copy('/ext4/tool', place, twin);
    expect(inodes[1]).toBe(inodes[2]);
    expect(inodes[0]).not.toBe(inodes[1]);
    await shell(host, 'test "$(stat --format=%h /ext4/tool)" = 2');
  });
});
