import type { Address } from './address.ts';
import type { Action } from './change.ts';

/** What happens while a plan is carried out. The core emits these and never prints. */
export type ApplyEvent =
  | { readonly type: 'apply_started'; readonly stages: number; readonly changes: number }
  | {
      readonly type: 'stage_started';
      readonly stage: string;
      readonly steps: number;
      readonly bytes: number;
    }
  | {
      readonly type: 'progress';
      readonly stage: string;
      readonly stepsDone: number;
      readonly steps: number;
      readonly bytesDone: number;
      readonly bytes: number;
    }
  | { readonly type: 'change_applied'; readonly address: Address; readonly action: Action }
  | { readonly type: 'stage_finished'; readonly stage: string; readonly durationMs: number }
  | { readonly type: 'apply_finished'; readonly changes: number; readonly durationMs: number };
