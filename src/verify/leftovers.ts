import { homeIn } from './probes/common.ts';
import type { Range } from './range.ts';

/** The names that probes give to what they make (probes/common.ts, native/probe/util.c). */
const ours = /^\.jailctl-probe-[0-9a-f][0-9a-f-]{15,35}$/;

/** A tenant may have made any number of such names. */
const namesMax = 64;

/** Beyond any home, so that its size keeps nothing from being removed. */
const diskMax = 2 ** 43;

function leftIn({ host, subject, ...range }: Range): readonly string[] {
  const home = homeIn(range);
  const onHost = `${subject.jail.path}${home}`;
  try {
    // The home of a foreign jail may be a link to anywhere.
    if (host.reader.lstat(onHost)?.type !== 'directory') return [];
    const names = (host.reader.list(onHost) ?? []).filter((name) => ours.test(name));
    return names.slice(0, namesMax).map((name) => `${home}/${name}`);
  } catch {
    // A file system that root may not look into: it keeps nobody from verifying.
    return [];
  }
}

/**
 * Removes what verifications that were killed left in the user's home, in the jail and with no more
 * rights than the user's: it is the tenant who may have made a trap of it. When it runs, no other
 * verification has the user, so what is listed is nobody's.
 */
export async function removeLeftovers(range: Range): Promise<void> {
  const [first, ...others] = leftIn(range);
  if (first === undefined) return;
  const limits = [{ name: 'disk', value: diskMax }];
  // Where nothing can be run, the probes tell.
  await range
    .inside(['remove-left', first, ...others], { home: 'keep', limits })
    .catch(() => undefined);
}
