import type { Probe } from '../../probe.ts';
import type { Action, InsideAnswer, InsideOptions, Range } from '../../range.ts';
import type { Finding } from '../../verdict.ts';
import { homeIn, kib, mib, numberOf, ownName, placeIn, placeOutside } from '../common.ts';
import {
  ending,
  limits,
  missingControl,
  noFreshHome,
  noTmp,
  runInside,
  tryExcess,
  unless,
} from './bounds.ts';

const sizeMax = mib;
const wantedBytes = 4 * mib;
type Way = 'write' | 'sparse' | 'truncate' | 'fallocate';

interface Growth {
  readonly way: Way;
  /** What refuses more. */
  readonly refusal: 'EFBIG' | 'ENOSPC';
  readonly path: string;
  readonly inside: InsideOptions;
}

async function grow(range: Range, growth: Growth): Promise<Finding> {
  const { way, refusal, path, inside } = growth;
  const action = (path: string): Action => ['fill-file', way, String(wantedBytes), path];
  return tryExcess(range, {
    control: action(await placeOutside(range)),
    attempt: action(path),
    inside,
    judge: (answer) => {
      const bytes = numberOf(answer, 'size');
      if (answer.outcome !== 'done' && answer.outcome !== refusal) {
        throw new Error(`refused for another reason: ${ending(answer)}`);
      }
      return unless(
        `with a limit of 1 MiB: ${answer.outcome} at ${bytes} bytes`,
        answer.outcome === 'done' && `the file has ${bytes} bytes`,
        bytes > sizeMax && 'it is larger than the limit',
      );
    },
  });
}

function tooLarge(way: Way, title: string): Probe {
  return {
    id: `resources/file-size-${way}`,
    title,
    severity: 'medium',
    layer: 'file_size',
    expected: 'EFBIG at exactly the limit',
    control: 'the same user makes such a file outside the jail',
    gain: 'the disk of the host, or a file that backups and copies of it choke on',
    remedy: 'the engine did not set RLIMIT_FSIZE: look at its configuration',
    attempt: (range) =>
      grow(range, {
        ...{ way, refusal: 'EFBIG', path: placeIn(range) },
        inside: { limits: limits({ file_size: sizeMax }) },
      }),
  };
}

async function bySignal(range: Range): Promise<Finding> {
  const action = (path: string): Action => [
    ...(['fill-file', 'write', String(wantedBytes)] as const),
    path,
    'signal',
  ];
  return tryExcess(range, {
    control: action(await placeOutside(range)),
    attempt: action(placeIn(range)),
    inside: { limits: limits({ file_size: sizeMax }) },
    judge: (answer: InsideAnswer) =>
      unless(
        `with a limit of 1 MiB: ${ending(answer)}`,
        answer.result.status !== 'output_limit' && `the result says ${answer.result.status}`,
      ),
  });
}

/** A file system of the run's own is full. */
function tooFull(id: string, where: string, path: (range: Range) => string): Probe {
  const isHome = where === 'a fresh home';
  return {
    id,
    title: `fills ${where} beyond its size`,
    severity: 'medium',
    layer: isHome ? 'disk' : 'tmp_size',
    expected: 'ENOSPC at exactly the limit',
    control: 'the same user writes as much outside the jail',
    gain: 'the memory of the host, of which such files are made',
    remedy: `${where} has no size of its own: look at the mounts of the run`,
    moot: isHome ? noFreshHome : noTmp,
    attempt: (range) =>
      grow(range, {
        ...{ way: 'write', refusal: 'ENOSPC', path: path(range) },
        inside: {
          limits: limits(isHome ? { disk: sizeMax } : { tmp_size: sizeMax }),
          ...(isHome && { home: 'fresh' }),
        },
      }),
  };
}

/** In a home that is kept, under a name of its own, which goes again. */
async function fillHome(range: Range): Promise<Finding> {
  const bytes = String(wantedBytes);
  const outside = await placeOutside(range);
  const missing = await missingControl(range, ['hold-bytes', bytes, outside, '0']);
  if (missing !== undefined) return missing;
  const path = `${homeIn(range)}/${ownName()}`;
  try {
    const answer = await runInside(range, ['hold-bytes', bytes, path, '15'], {
      home: 'keep',
      limits: limits({ disk: sizeMax }),
    });
    const { status } = answer.result;
    return unless(
      `with a limit of 1 MiB: ${ending(answer)}`,
      answer.outcome === 'done' && `it kept ${bytes} bytes`,
      status !== 'output_limit' && `the result says ${status}`,
    );
  } finally {
    await range.inside(['remove-file', path], { home: 'keep', toTheEnd: true });
  }
}

const filesWanted = 200;
/** A page for each file, and at least 64 (run/bundle.ts). */
const filesMax = 64;

async function manyFiles(range: Range): Promise<Finding> {
  const action = (path: string): Action => ['make-files', String(filesWanted), path];
  return tryExcess(range, {
    control: action(await placeOutside(range)),
    attempt: action(placeIn(range)),
    inside: { limits: limits({ tmp_size: 64 * kib }) },
    judge: (answer) => {
      const made = numberOf(answer, 'made');
      if (answer.outcome !== 'done' && answer.outcome !== 'ENOSPC') {
        throw new Error(`refused for another reason: ${ending(answer)}`);
      }
      return unless(
        `in a /tmp of 64 KiB: ${made} files, then ${answer.outcome}`,
        made > filesMax && `${made} files were made`,
      );
    },
  });
}

export const fileBoundProbes: readonly Probe[] = [
  tooLarge('write', 'writes a file larger than its limit'),
  tooLarge('sparse', 'writes far beyond the end of a file, which becomes sparse'),
  tooLarge('truncate', 'sets the size of a file to more than its limit'),
  tooLarge('fallocate', 'reserves more space for a file than its limit'),
  {
    ...tooLarge('write', 'writes a file larger than its limit, and does not ignore the signal'),
    id: 'resources/file-size-status',
    expected: 'SIGXFSZ, and the result says output_limit',
    attempt: bySignal,
  },
  tooFull('resources/tmp-size', '/tmp', () => `/tmp/${ownName()}`),
  tooFull('resources/shm-size', '/dev/shm', () => `/dev/shm/${ownName()}`),
  tooFull('resources/home-size', 'a fresh home', (range) => `${homeIn(range)}/${ownName()}`),
  {
    id: 'resources/kept-home-size',
    title: 'fills a home that is kept beyond its limit',
    severity: 'medium',
    layer: 'disk',
    expected: 'ended soon after, of which the result tells',
    control: 'the same user writes as much outside the jail',
    gain: 'the disk of the host',
    remedy:
      'give runs a fresh home, whose size the kernel sees to; at one that is kept jailctl only looks, again and again',
    attempt: fillHome,
  },
  {
    id: 'resources/many-files',
    title: 'makes empty files without end in /tmp',
    severity: 'medium',
    layer: 'tmp_size',
    expected: 'ENOSPC: no more files than pages, and 64 at least',
    control: 'the same user makes more outside the jail',
    gain: 'memory of the kernel, which files without content take as well',
    remedy: '/tmp has no limit of inodes: look at the mounts of the run',
    moot: noTmp,
    attempt: manyFiles,
  },
];
