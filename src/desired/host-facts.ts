import {
  type ForeignId,
  foreignIds,
  type OwnedUser,
  ownedUsers,
} from '../kinds/account/ownership.ts';
import { readAccountTexts } from '../kinds/account/texts.ts';
import { readRegister } from '../kinds/jail/observe.ts';
import type { JailState } from '../kinds/jail/state.ts';
import { type PoolRecord, readPool } from '../kinds/limits/pool-file.ts';
import { loginLimitsDirectory } from '../model/host-paths.ts';
import type { Reader } from '../model/reader.ts';
import type { JailSettings } from '../model/settings.ts';

/** What the host already has, as far as choosing depends on it. */
export interface HostFacts {
  /** The jails that the register knows, by name. */
  readonly jails: ReadonlyMap<string, JailState>;
  /** The settings in their markers. */
  readonly recorded: readonly JailSettings[];
  readonly accounts: readonly OwnedUser[];
  readonly foreign: readonly ForeignId[];
  readonly pool: PoolRecord | undefined;
  readonly hasLoginLimits: boolean;
}

export function readHostFacts(reader: Reader): HostFacts {
  const jails = readRegister(reader);
  const recorded = [...jails.values()].flatMap((jail) => jail.settings ?? []);
  const texts = readAccountTexts(reader);
  const accounts = ownedUsers(texts, recorded);
  return {
    jails,
    recorded,
    accounts: [...accounts.values()],
    foreign: foreignIds(texts, accounts),
    pool: readPool(reader),
    hasLoginLimits: reader.lstat(loginLimitsDirectory)?.type === 'directory',
  };
}
