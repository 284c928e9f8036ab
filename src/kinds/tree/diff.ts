import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import { octal } from '../../model/numbers.ts';
import { diffResources } from '../diff.ts';
import type { FileSource } from './entry.ts';
import type { TreeNode } from './node.ts';

function sourceReasons(desired: FileSource, observed: FileSource): readonly string[] {
  if (desired.from === 'jailctl') {
    const same = observed.from === 'jailctl' && observed.base64 === desired.base64;
    return same ? [] : ['its text differs'];
  }
  if (observed.from !== 'host' || observed.mtimeSeconds !== desired.mtimeSeconds) {
    return [`its time differs from ${desired.path}`];
  }
  return [];
}

/** Why what stands at a path is not what should: one reason for each difference. */
export function nodeReasons(desired: TreeNode, observed: TreeNode): readonly string[] {
  const [want, have] = [desired.entry, observed.entry];
  if (want.type !== have.type) {
    const found = have.type === 'other' ? have.what : have.type;
    return [`it is a ${found}, wanted a ${want.type}`];
  }
  const reasons: string[] = [];
  // The mode and the attributes of a home are its user's: who can make drift at will could keep
  // every apply from ending.
  const isHome = want.type === 'home';
  if (!isHome && 'mode' in want && 'mode' in have && want.mode !== have.mode) {
    reasons.push(`mode ${octal(have.mode)}, wanted ${octal(want.mode)}`);
  }
  if (observed.uid !== desired.uid || observed.gid !== desired.gid) {
    const [is, should] = [observed, desired].map((node) => `${node.uid}:${node.gid}`);
    reasons.push(`owner ${is}, wanted ${should}`);
  }
  for (const name of isHome ? [] : observed.xattrs) reasons.push(`it has ${name}`);
  if (want.type === 'file' && have.type === 'file') {
    if (want.sizeBytes !== have.sizeBytes) {
      reasons.push(`${have.sizeBytes} bytes, wanted ${want.sizeBytes}`);
    }
    reasons.push(...sourceReasons(want.source, have.source));
  }
  if (observed.altered) reasons.push('its content was altered');
  if (want.type === 'symlink' && have.type === 'symlink' && want.target !== have.target) {
    reasons.push(`it leads to ${have.target}, wanted ${want.target}`);
  }
  if (want.type === 'device' && have.type === 'device') {
    if (want.major !== have.major || want.minor !== have.minor) {
      reasons.push(`device ${have.major}:${have.minor}, wanted ${want.major}:${want.minor}`);
    }
  }
  return reasons;
}

export function diffTrees(
  desired: ReadonlyMap<Address, TreeNode>,
  observed: ReadonlyMap<Address, TreeNode>,
): readonly Change<TreeNode>[] {
  return diffResources(desired, observed, {
    jailOf: (node) => node.jail,
    reasonsOf: nodeReasons,
    whyCreate: 'it is missing',
    whyDelete: ({ entry }) =>
      entry.type === 'doomed-home' ? 'its user is not wanted any more' : 'nothing asks for it',
  });
}
