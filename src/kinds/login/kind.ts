import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import { diffResources } from '../diff.ts';
import type { Kind } from '../kind.ts';
import { observeLogins } from './observe.ts';
import type { Logins } from './state.ts';
import { loginSteps } from './steps.ts';

function reasonsOf(desired: Logins, observed: Logins): readonly string[] {
  const text = desired.text === observed.text ? [] : ['its text differs'];
  if (observed.type === 'keys') return [...text, ...(observed.fault ? [observed.fault] : [])];
  const { hasDirectory, faults } = observed;
  return [...text, ...(hasDirectory ? [] : ['the directory of the keys is missing']), ...faults];
}

function diff(
  desired: ReadonlyMap<Address, Logins>,
  observed: ReadonlyMap<Address, Logins>,
): readonly Change<Logins>[] {
  return diffResources(desired, observed, {
    jailOf: (logins) => (logins.type === 'keys' ? logins.jail : undefined),
    reasonsOf,
    whyCreate: 'it is missing',
    whyDelete: () => 'nobody logs in by it any more',
  });
}

/**
 * Logins of jail users by SSH: what sshd(8) has to know about all of them, and the keys of each jail.
 * The shell of the accounts does the rest.
 */
export const loginKind: Kind<Logins> = { observe: observeLogins, diff, steps: loginSteps };
