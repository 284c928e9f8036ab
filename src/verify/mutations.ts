import type { Mutation } from './mutation.ts';
import { fileMutations } from './mutations/files.ts';
import { leakMutations } from './mutations/leaks.ts';
import { networkMutations } from './mutations/network.ts';
import { privilegeMutations } from './mutations/privilege.ts';
import { processMutations } from './mutations/processes.ts';
import { resourceMutations } from './mutations/resources.ts';
import { terminalMutations } from './mutations/terminal.ts';

/** Every layer that is taken away to see whether `verify` notices, by the group of what notices. */
export const allMutations: readonly Mutation[] = [
  ...fileMutations,
  ...processMutations,
  ...networkMutations,
  ...privilegeMutations,
  ...resourceMutations,
  ...leakMutations,
  ...terminalMutations,
];
