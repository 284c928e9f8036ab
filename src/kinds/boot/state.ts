import type { Address } from '../../model/address.ts';

/** One thing that has the fence put up again at boot. */
export type BootPart =
  /** A file of root's. */
  | {
      readonly type: 'file';
      readonly path: string;
      readonly text: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** What starts it. */
  | { readonly type: 'link'; readonly path: string; readonly target: string };

/** What starts programs at boot. */
export type Init = 'systemd' | 'sysv';

export const scriptAddress: Address = 'boot/script';
export const serviceAddress: Address = 'boot/service';
export const startAddress: Address = 'boot/start';
