import { observeFirewall } from '../kinds/firewall/observe.ts';
import { families } from '../kinds/firewall/table.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { Reader } from '../model/reader.ts';
import type { RunSpec } from './run-spec.ts';

/** Are the packet rules loaded that fence jail users, in both address families? */
export function isFenced(reader: Reader): boolean {
  const { resources } = observeFirewall(reader, new Map());
  const fenced = [...resources.values()].filter(
    ({ output, chain }) => output.length > 0 && chain.length > 0,
  );
  return fenced.length === families.length;
}

/**
 * In the host's network only the packet rules fence a run, so they must be there.
 * @throws Failure with exit code 125 when they are not, in either address family
 */
export function requireFence(reader: Reader, { jail, engine }: RunSpec): void {
  if (jail.network.mode === 'none' && engine !== 'chroot') return;
  if (isFenced(reader)) return;
  throw new Failure('the packet rules that fence the jail are not loaded', {
    exitCode: exitCode.sandbox,
    hint: 'load them: jailctl apply',
  });
}
