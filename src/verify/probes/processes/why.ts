import { onChroot } from '../common.ts';

export const withoutPidNamespace = onChroot(
  'chroot gives a run no PID namespace: whatever has its UID is within its reach',
);
