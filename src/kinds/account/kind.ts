import type { JailSettings } from '../../model/settings.ts';
import type { Kind } from '../kind.ts';
import type { Account } from './account.ts';
import { diffAccounts } from './diff.ts';
import { observeAccounts } from './observe.ts';
import { accountSteps } from './steps.ts';

/**
 * Accounts of jail users: a user, its private group with GID = UID, and a locked password.
 * @param context.owned the settings read from the markers on this host, which record whose users
 *   there are
 */
export function accountKind(context: { readonly owned: readonly JailSettings[] }): Kind<Account> {
  return {
    observe: (reader, desired) => observeAccounts(reader, desired, context.owned),
    diff: diffAccounts,
    steps: accountSteps,
  };
}
