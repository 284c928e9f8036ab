import { type Figure, type Figures, rounded } from './statistics.ts';

export type SectionName = 'start' | 'run' | 'jails' | 'growth' | 'disk' | 'packets';
export type Unit = 'ms' | 'MiB' | 'ns';

/** What jailctl must reach; numbers not to exceed, but for `timesPeer`. */
interface Bounds {
  /** Of the value itself. */
  readonly value?: number;
  readonly peakMib?: number;
  readonly timesFloor?: number;
  /** What is over the floor, in the row's unit. */
  readonly overFloor?: number;
  /** At least so many times what jailctl takes does the first peer take. */
  readonly timesPeer?: number;
}

/** What is compared with what, by sample keys. */
export interface RowSpec {
  readonly section: SectionName;
  readonly name: string;
  readonly unit: Unit;
  /**
   * What is compared instead of the medians. `peak_mib`: memory; `unit` is MiB then. `min`: the
   * quickest rounds, of what is so short that the neighbours of a virtual machine decide the rest.
   */
  readonly compares?: 'min' | 'peak_mib';
  readonly ours: string;
  /** The floor takes as much as these together. */
  readonly floor?: readonly string[];
  readonly peers?: Readonly<Record<string, string>>;
  readonly bounds?: Bounds;
}

export interface Bound {
  readonly at_most?: number;
  readonly at_least?: number;
  readonly met: boolean;
}

/** A number, and what it must be where that is said. */
export type Bounded = { readonly value: number } & Partial<Bound>;

export interface Row {
  readonly section: SectionName;
  readonly name: string;
  readonly unit: Unit;
  readonly ours: Bounded;
  readonly peak_mib?: Bounded;
  readonly floor?: number;
  readonly times_floor?: Bounded;
  readonly over_floor?: Bounded;
  readonly peers: readonly { name: string; value: number; times_ours: Bounded }[];
}

/** What is told is rounded; what is judged is not. */
function atMost(exact: number, bound: number | undefined): Bounded {
  const value = rounded(exact, 2);
  return bound === undefined ? { value } : { value, at_most: bound, met: exact <= bound };
}

function atLeast(exact: number, bound: number | undefined): Bounded {
  const value = rounded(exact, 2);
  return bound === undefined ? { value } : { value, at_least: bound, met: exact >= bound };
}

function floorOf(floor: number, ours: number, { timesFloor, overFloor }: Bounds) {
  return {
    floor: rounded(floor, 2),
    times_floor: atMost(ours / floor, timesFloor),
    ...(overFloor === undefined ? {} : { over_floor: atMost(ours - floor, overFloor) }),
  };
}

/** @returns undefined where jailctl or the floor was not measured; peers that were not are left out */
export function rowOf(spec: RowSpec, figures: Figures): Row | undefined {
  const { section, name, unit, compares = 'median', bounds = {}, peers = {} } = spec;
  const quantityOf = (key: string): number | undefined => figures[key]?.[compares];
  const ours = quantityOf(spec.ours);
  const floors = spec.floor?.map(quantityOf);
  if (ours === undefined || floors?.includes(undefined)) return undefined;
  const floor = floors?.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const { peak_mib } = figures[spec.ours] as Figure;
  return {
    section,
    name,
    unit,
    ours: atMost(ours, bounds.value),
    ...(peak_mib === undefined || compares === 'peak_mib'
      ? {}
      : { peak_mib: atMost(peak_mib, bounds.peakMib) }),
    ...(floor === undefined ? {} : floorOf(floor, ours, bounds)),
    peers: Object.entries(peers).flatMap(([peer, key], index) => {
      const value = quantityOf(key);
      if (value === undefined) return [];
      const times = value / ours;
      return [
        {
          name: peer,
          value,
          times_ours: atLeast(times, index === 0 ? bounds.timesPeer : undefined),
        },
      ];
    }),
  };
}
