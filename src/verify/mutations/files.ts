import type { Mutation } from '../mutation.ts';
import { fileRunMutations } from './files/runs.ts';
import { fileTreeMutations } from './files/tree.ts';

export const fileMutations: readonly Mutation[] = [...fileTreeMutations, ...fileRunMutations];
