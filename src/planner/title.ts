import type { KindName } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import { formatCount } from '../model/numbers.ts';

const nouns: Readonly<Record<KindName, string>> = {
  firewall: 'packet rules',
  limits: 'host limits',
  boot: 'boot',
  jail: 'jails',
  account: 'accounts',
  tree: 'tree of',
  login: 'logins',
};

/** `accounts: 3 to create, 1 to delete`. */
export function stageTitle(
  kind: KindName,
  changes: readonly Change<unknown>[],
  jail?: string,
): string {
  const counts = (['create', 'update', 'delete'] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${formatCount(count)} to ${action}`];
  });
  const subject = jail === undefined ? nouns[kind] : `${nouns[kind]} ${jail}`;
  return `${subject}: ${counts.join(', ')}`;
}
