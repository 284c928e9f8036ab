import type { Kind } from '../kind.ts';
import { diffJails } from './diff.ts';
import { observeJails } from './observe.ts';
import type { JailState } from './state.ts';
import { jailSteps } from './steps.ts';

/** A jail's directory with its marker, and its entry in the register. */
export const jailKind: Kind<JailState> = {
  observe: observeJails,
  diff: diffJails,
  steps: jailSteps,
};
