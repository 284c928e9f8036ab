import { type Case, rounds, sampleKey } from './case.ts';
import { applyManifest, pythonList, shell } from './manifest.ts';
import { timeProgram } from './program.ts';
import { destroyArgv } from './provision/python.ts';
import { Recorder, type Sample, type Samples } from './sample.ts';

const mountPoint = '/mnt/jailctl-bench';
const image = '/root/jailctl-bench.img';
const jails = 100;

/** How each file system is made, on `$1`. */
const fileSystems = {
  ext4: 'mkfs.ext4 -q "$1"',
  xfs: 'mkfs.xfs -q -m reflink=1 "$1"',
  btrfs: 'mkfs.btrfs -q "$1"',
} as const;

type FileSystem = keyof typeof fileSystems;

/**
 * Mounts an image, which takes memory only where something is written. The device is let go when
 * the mount is gone, and that goes with the throwaway host at the latest: mount(8), loop devices.
 */
const mount = `
[ -e /dev/loop-control ] || mknod -m 0600 /dev/loop-control c 10 237
for number in $(seq 0 31); do
  [ -e "/dev/loop$number" ] || mknod -m 0600 "/dev/loop$number" b 7 "$number"
done
mkdir -p "$2"
mount -o loop "$1" "$2"
`;

function manifest(count: number): string {
  const entries = Array.from(
    { length: count },
    (_, index) => `  j${index}x: { users: 1, requirements: [${pythonList}] }\n`,
  );
  return `version: 1\nroot: ${mountPoint}\njails:\n${entries.join('')}`;
}

/** @returns MiB, as df(1) counts them, when all is on the disk */
async function usedMib(): Promise<number> {
  const printed = await shell('sync -f "$1"; df --output=used -B1 "$1" | tail -n 1', mountPoint);
  return Number(printed) / 1024 ** 2;
}

/**
 * Makes a file system, for as long as the work takes.
 * @param work gets what tells how many MiB are taken by now
 */
async function onFileSystem(
  fileSystem: FileSystem,
  work: (taken: () => Promise<Sample>) => Promise<void>,
): Promise<void> {
  await shell(`truncate -s 8G "$1"; ${fileSystems[fileSystem]}`, image);
  await shell(mount, image, mountPoint);
  const empty = await usedMib();
  await work(async () => ({ value: (await usedMib()) - empty }));
  await timeProgram(destroyArgv);
  await shell('umount "$1"; rm "$2"', mountPoint, image);
}

/** Further trees like that of the first jail: each file of them is a hard link. */
const linkTrees = 'cd "$1"; for number in $(seq "$2"); do cp -al j0x "links$number"; done';

/**
 * What one jail takes on a fresh file system, and what so many take, by their number; and `links`, what
 * as many trees take of which all share every file.
 */
export async function measureDisk(fileSystem: FileSystem, count: number): Promise<Samples> {
  const recorder = new Recorder();
  await onFileSystem(fileSystem, async (taken) => {
    for (const number of [1, count]) {
      await applyManifest(manifest(number));
      recorder.add(String(number), await taken());
    }
  });
  await onFileSystem(fileSystem, async (taken) => {
    await applyManifest(manifest(1));
    await shell(linkTrees, mountPoint, String(count - 1));
    recorder.add('links', await taken());
  });
  return recorder.samples;
}

/** What many jails take on a disk, beside what one takes. */
export function diskCase(fileSystem: FileSystem): Case {
  const name = `disk-${fileSystem}`;
  return {
    name,
    full: rounds(1),
    quick: rounds(fileSystem === 'ext4' ? 1 : 0),
    measure: () => measureDisk(fileSystem, jails),
    rows: [
      {
        section: 'disk',
        name: fileSystem,
        unit: 'MiB',
        ours: sampleKey(name, String(jails)),
        floor: [sampleKey(name, '1')],
        peers: { '`cp -al`': sampleKey(name, 'links') },
        bounds: { timesFloor: 1.3 },
      },
    ],
  };
}
