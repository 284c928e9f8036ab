import type { ForeignId, OwnedUser } from '../kinds/account/ownership.ts';
import type { Checked, Diagnostic, Location } from '../model/diagnostic.ts';
import { plural } from '../model/numbers.ts';
import type { JailSettings, JailUser } from '../model/settings.ts';

/** What UIDs are chosen from. */
export interface UidRequest {
  readonly jails: readonly { readonly name: string; readonly users: number }[];
  /** Inclusive. */
  readonly pool: { readonly first: number; readonly last: number };
  /** Where the pool stands in the manifest. */
  readonly poolAt: Location;
  /** The settings in the markers on this host, of all jails. */
  readonly recorded: readonly JailSettings[];
  /** Accounts of jailctl's that the host has; they keep their UID though no marker knows them. */
  readonly accounts: readonly OwnedUser[];
  /** UIDs and GIDs that are not jailctl's. */
  readonly foreign: readonly ForeignId[];
  /** The next UID never given before; undefined where no one was given yet, or the note is lost. */
  readonly nextUid: number | undefined;
  /** UIDs under which something runs now. It is only asked when a UID would be given again. */
  running(): ReadonlySet<number>;
}

export interface ChosenUids {
  /** By jail, in the order of their numbers. */
  readonly users: ReadonlyMap<string, readonly JailUser[]>;
  /** To be remembered: the next UID never given before; one past the pool when all were. */
  readonly nextUid: number;
  /** Users whose UID somebody may have had before, because the pool is used up. */
  readonly recycled: readonly JailUser[];
}

/** How many accounts a message names before it only counts the others. */
const namedMax = 5;

/** Has it the name of a wanted user? Then the plan has a conflict for it, with its ways out. */
function isNamesake({ jails }: UidRequest, holder: ForeignId): boolean {
  return jails.some(({ name, users }) => {
    const number = holder.name.startsWith(name) ? holder.name.slice(name.length) : '';
    return /^[1-9]\d*$/.test(number) && Number(number) <= users;
  });
}

function overlap(request: UidRequest): readonly Diagnostic[] {
  const { first, last } = request.pool;
  const inside = request.foreign.filter(
    (holder) => holder.id >= first && holder.id <= last && !isNamesake(request, holder),
  );
  if (inside.length === 0) return [];
  const named = inside
    .toSorted((a, b) => a.id - b.id || a.name.localeCompare(b.name))
    .slice(0, namedMax)
    .map(({ type, name, id }) => `the ${type} ${name} (${id})`);
  const others = inside.length > namedMax ? ` and ${inside.length - namedMax} more` : '';
  return [
    {
      code: 'pool-overlaps',
      message: `the pool ${first}-${last} holds ${named.join(', ')}${others}, not made by jailctl`,
      hint: 'the whole pool is cut from the network: choose UIDs that nobody else has',
      at: request.poolAt,
    },
  ];
}

/** UIDs given before, by user name: a marker's word counts before that of an account. */
function knownUids(request: UidRequest): ReadonlyMap<string, JailUser & { jail: string }> {
  const recorded = request.recorded.flatMap((jail) =>
    jail.users.map((user) => ({ ...user, jail: jail.name })),
  );
  return new Map([...request.accounts, ...recorded].map((user) => [user.name, user]));
}

/** Hands out UIDs upward from `next`, and the lowest free one when the pool's end is reached. */
class UidPool {
  readonly #first: number;
  readonly #last: number;
  readonly #used: Set<number>;
  readonly #running: () => ReadonlySet<number>;
  #busy: ReadonlySet<number> | undefined;
  next: number;
  /** Given again. */
  readonly recycled = new Set<number>();

  constructor(request: UidRequest, used: ReadonlySet<number>) {
    const { first, last } = request.pool;
    this.#first = first;
    this.#last = last;
    this.#used = new Set(used);
    this.#running = request.running;
    const inPool = [...used].filter((uid) => uid >= first && uid <= last);
    const next = request.nextUid ?? inPool.reduce((highest, uid) => Math.max(highest, uid + 1), 0);
    // Outside: the pool was moved, and nothing was given from the new one yet.
    this.next = next < first || next > last + 1 ? first : next;
  }

  #free(from: number, to: number, except?: ReadonlySet<number>): number | undefined {
    for (let uid = from; uid <= to; uid += 1) {
      if (!this.#used.has(uid) && except?.has(uid) !== true) return uid;
    }
    return undefined;
  }

  /** A process that the old user left could trace and end those of the new one. */
  #again(): number | undefined {
    this.#busy ??= this.#running();
    return this.#free(this.#first, this.#last, this.#busy);
  }

  /** UIDs that are free, and were not given again because something runs under them. */
  get busy(): readonly number[] {
    return [...(this.#busy ?? [])].filter(
      (uid) => uid >= this.#first && uid <= this.#last && !this.#used.has(uid),
    );
  }

  take(): number | undefined {
    const fresh = this.#free(this.next, this.#last);
    this.next = fresh === undefined ? this.#last + 1 : fresh + 1;
    const uid = fresh ?? this.#again();
    if (uid === undefined) return undefined;
    if (fresh === undefined) this.recycled.add(uid);
    this.#used.add(uid);
    return uid;
  }
}

function exhausted(request: UidRequest, wanted: number, busy: readonly number[]): Diagnostic {
  const { first, last } = request.pool;
  const enlarge = 'make the pool larger: uids: FIRST-LAST';
  return {
    code: 'pool-exhausted',
    message: `the pool ${first}-${last} has no UID left for ${wanted} of the jail users`,
    hint:
      busy.length === 0
        ? enlarge
        : `${enlarge}; or end what still runs under ${plural(busy.length, 'UID')} that had a user before: jailctl doctor shows it`,
    at: request.poolAt,
  };
}

/**
 * Gives every user of the manifest its UID. Who has one keeps it, even outside the pool; new users
 * get those that nobody ever had while there are any (a recycled UID inherits the files of its old
 * user: NixOS/nixos#255). The order of the jails does not matter.
 */
export function chooseUids(request: UidRequest): Checked<ChosenUids> {
  const known = knownUids(request);
  const used = new Set([...known.values()].map((user) => user.uid));
  const pool = new UidPool(request, used);
  const users = new Map<string, readonly JailUser[]>();
  let missing = 0;
  const jails = request.jails.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const jail of jails) {
    const chosen: JailUser[] = [];
    for (let number = 1; number <= jail.users; number += 1) {
      const name = `${jail.name}${number}`;
      const user = known.get(name);
      const uid = user?.jail === jail.name ? user.uid : pool.take();
      if (uid === undefined) missing += 1;
      else chosen.push({ name, uid });
    }
    users.set(jail.name, chosen);
  }
  const diagnostics = [
    ...overlap(request),
    ...(missing > 0 ? [exhausted(request, missing, pool.busy)] : []),
  ];
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  const recycled = [...users.values()].flat().filter(({ uid }) => pool.recycled.has(uid));
  return { ok: true, value: { users, nextUid: pool.next, recycled } };
}
