import type { ManifestJail } from '../../model/manifest.ts';
import { formatBytes } from '../../model/numbers.ts';
import { type Check, type Finding, finding } from '../check.ts';

const mib = 2 ** 20;

/**
 * What programs need to start and to read a file, measured on two processors: Node 20 hangs below 6
 * processes and threads and aborts below 12, Java 17 ends with an error below 20.
 */
const runtimes = [
  {
    name: 'Node',
    // A command, its path, or the package that brings it.
    entry: /^(?:\/.*\/)?node(?:js)?$|^package:nodejs(?:$|:)/,
    processes: 12,
    memoryBytes: 32 * mib,
    otherwise: 'hangs or aborts',
  },
  {
    name: 'Java',
    entry: /^(?:\/.*\/)?javac?$|^\/usr\/lib\/jvm(?:\/|$)|^package:(?:default-jre|openjdk-)/,
    processes: 20,
    memoryBytes: 32 * mib,
    otherwise: 'does not start',
  },
  {
    name: 'a pipeline of a shell',
    entry: /^(?:\/.*\/)?(?:ba|da|z)?sh$|^package:(?:bash|dash|zsh)(?:$|:)/,
    processes: 3,
    memoryBytes: 0,
    otherwise: 'fails',
  },
] as const;

function jailFindings({ name, tools, limits, at }: ManifestJail): readonly Finding[] {
  const entries = tools.filter(({ leaveOut }) => !leaveOut).map(({ entry }) => entry);
  const where = `${at.file}:${at.line}: jail ${name}`;
  return runtimes
    .filter(({ entry }) => entries.some((one) => entry.test(one)))
    .flatMap(({ name: runtime, processes, memoryBytes, otherwise }) => [
      ...(limits.processes < processes
        ? [
            finding(
              'warning',
              `${where}: ${runtime} ${otherwise} with less than ${processes} processes and threads; it may have ${limits.processes}`,
              [{ does: 'is enough', manifest: `limits: { processes: ${processes} }` }],
            ),
          ]
        : []),
      ...(limits.memoryBytes < memoryBytes
        ? [
            finding(
              'warning',
              `${where}: ${runtime} ${otherwise} with little memory; it may have ${formatBytes(limits.memoryBytes)}`,
              [
                {
                  does: 'is enough to start',
                  manifest: `limits: { memory: ${memoryBytes / mib}MiB }`,
                },
              ],
            ),
          ]
        : []),
    ]);
}

export const jailLimitsCheck: Check = {
  id: 'jail-limits',
  title: 'limits of jails, and what their programs need',
  examine: ({ manifest }) => (manifest?.jails ?? []).flatMap(jailFindings),
};
