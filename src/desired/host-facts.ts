import {
  type ForeignId,
  foreignIds,
  type OwnedUser,
  ownedUsers,
} from '../kinds/account/ownership.ts';
import { readAccountTexts } from '../kinds/account/texts.ts';
import type { Init } from '../kinds/boot/state.ts';
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
  /** What starts programs when this host boots; undefined where jailctl knows no such thing. */
  readonly init: Init | undefined;
}

/** By /sbin/init, not by what runs: an image is made where nothing of it does. */
export function readInit(reader: Reader): Init | undefined {
  const init = reader.lstat('/sbin/init');
  const isSystemd = init?.type === 'symlink' && reader.readLink('/sbin/init').includes('systemd');
  if (isSystemd || reader.lstat('/run/systemd/system') !== undefined) return 'systemd';
  return reader.lstat('/etc/rcS.d')?.type === 'directory' ? 'sysv' : undefined;
}

/** @param adopted users that were made without jailctl and become its own by this plan */
export function readHostFacts(reader: Reader, adopted: readonly OwnedUser[] = []): HostFacts {
  const jails = readRegister(reader);
  const recorded = [...jails.values()].flatMap((jail) => jail.settings ?? []);
  const texts = readAccountTexts(reader);
  const known = ownedUsers(texts, recorded);
  const accounts = new Map([...adopted.map((user) => [user.name, user] as const), ...known]);
  return {
    jails,
    recorded,
    accounts: [...accounts.values()],
    foreign: foreignIds(texts, accounts),
    pool: readPool(reader),
    hasLoginLimits: reader.lstat(loginLimitsDirectory)?.type === 'directory',
    init: readInit(reader),
  };
}
