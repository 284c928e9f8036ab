// Runs in a throwaway host: leases one of the users that its arguments name, and says which. With
// `--hold` it keeps it until it is killed; `--wait` waits for one, `--impatient` for a moment only;
// `--often` leases one and gives it back, again and again.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openCgroups } from '../../src/host/run/cgroups.ts';
import { awaitFreeUser, leaseFreeUser } from '../../src/host/run/lease.ts';
import type { Failure } from '../../src/model/failure.ts';

const [mode, ...names] = process.argv.slice(2);
const users = names.map((name, index) => ({ name, uid: 81_000 + index }));
const patience = mode === '--impatient' ? AbortSignal.timeout(200) : new AbortController().signal;
const dayMs = 86_400_000;
const times = mode === '--often' ? 30 : 1;

try {
  const sweepPath = fileURLToPath(new URL('../../dist/jailctl-sweep', import.meta.url));
  const means = { cgroups: openCgroups(), sweepPath };
  for (let time = 1; time <= times; time++) {
    await using lease = await (mode === '--now' || mode === '--hold'
      ? leaseFreeUser(users, means)
      : awaitFreeUser(users, means, patience));
    console.log('leased', lease.user.name);
    if (mode === '--hold') await sleep(dayMs);
  }
} catch (error) {
  const { message, exitCode, hint = '' } = error as Failure;
  console.log('refused', exitCode, message, hint);
}
