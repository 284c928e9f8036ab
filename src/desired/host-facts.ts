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
  /** Services that load packet rules late in a boot, and take away those that are there. */
  readonly lateLoaders: readonly string[];
}

/** Where units are, those first that hide the others (systemd.unit(5)). */
const unitDirectories = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

/** By /sbin/init, not by what runs: an image is made where nothing of it does. */
export function readInit(reader: Reader): Init | undefined {
  const init = reader.lstat('/sbin/init');
  const isSystemd = init?.type === 'symlink' && reader.readLink('/sbin/init').includes('systemd');
  if (isSystemd || reader.lstat('/run/systemd/system') !== undefined) return 'systemd';
  const isSysv = reader.lstat('/etc/rcS.d')?.type === 'directory';
  return isSysv && reader.which('update-rc.d') !== undefined ? 'sysv' : undefined;
}

/** The text of a unit; undefined where there is none, or it is masked. */
function unitText(reader: Reader, name: string): string | undefined {
  const paths = unitDirectories.map((directory) => `${directory}/${name}`);
  const path = paths.find((one) => reader.lstat(one) !== undefined);
  if (path === undefined) return undefined;
  const isLink = reader.lstat(path)?.type === 'symlink';
  return isLink && reader.readLink(path) === '/dev/null' ? undefined : reader.readText(path);
}

/** Debian starts all of these before sysinit.target; Arch and Fedora start some after it. */
function readLateLoaders(reader: Reader): readonly string[] {
  const names = ['iptables', 'ip6tables', 'nftables', 'netfilter-persistent', 'ufw'];
  return names
    .map((name) => `${name}.service`)
    .filter((name) => {
      const text = unitText(reader, name);
      return text !== undefined && !/^DefaultDependencies=(?:no|false|off|0)$/m.test(text);
    });
}

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
    lateLoaders: readLateLoaders(reader),
  };
}
