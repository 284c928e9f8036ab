import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import type { Diagnostic } from '../model/diagnostic.ts';
import { quote } from '../model/problem.ts';
import type { Source, Span } from './source.ts';

/** Where a value stands, and the key in front of it, where it has one. */
interface Place {
  readonly key?: Span;
  readonly value: Span;
}

/** The values of a YAML document, and their places by JSON pointer (RFC 6901), as ajv has them. */
export interface ManifestTree {
  readonly value: unknown;
  readonly places: ReadonlyMap<string, Place>;
  /** Pointers of values that an alias should have given and did not, which is reported. */
  readonly unreadable: ReadonlySet<string>;
}

export interface ReadTree {
  /** Undefined where nothing of the document can be trusted. */
  readonly tree: ManifestTree | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** More than a thousand jails have; an alias bomb has billions. */
const valuesMax = 100_000;
/** A manifest needs 7. Each level is a recursion here and in the checks that follow. */
export const depthMax = 50;

/** JSON pointer of a member. */
export function member(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * Turns YAML nodes into plain values. Aliases and merge keys (`<<`) are followed, up to a number
 * of values that no honest manifest needs; repeated keys are errors. A key is taken as it is
 * written, so that a jail may be called `true`.
 */
export function readTree(source: Source, contents: Node): ReadTree {
  const reader = new TreeReader(source);
  const value = reader.read(contents, '', {}, 0);
  return {
    tree: reader.exhausted
      ? undefined
      : { value, places: reader.places, unreadable: reader.unreadable },
    diagnostics: reader.diagnostics,
  };
}

class TreeReader {
  readonly places = new Map<string, Place>();
  readonly diagnostics: Diagnostic[] = [];
  readonly unreadable = new Set<string>();
  exhausted = false;
  readonly #source: Source;
  readonly #anchors = new Map<string, Node>();
  /** An anchor may be set again later: an alias means the one that was set before it. */
  readonly #targets = new Map<Alias, Node | undefined>();
  readonly #seen = new Set<Node>();
  #valuesLeft = valuesMax;

  constructor(source: Source) {
    this.#source = source;
  }

  read(node: Node | null, pointer: string, place: Partial<Place>, depth: number): unknown {
    const span = spanOf(node) ?? place.key ?? { start: 0, end: 0 };
    this.places.set(pointer, { ...place, value: place.value ?? span });
    if (this.#isExhausted(span, depth)) return undefined;
    if (node === null) return null;
    this.#remember(node);
    if (isAlias(node)) return this.#readAlias(node, pointer, { value: span, ...place }, depth);
    if (isScalar(node)) return node.value;
    if (isSeq<Node | null>(node)) {
      return node.items.map((item, index) =>
        this.read(item, member(pointer, index), {}, depth + 1),
      );
    }
    if (isMap<Node, Node | null>(node)) return this.#readMap(node.items, pointer, depth);
    return undefined;
  }

  #readAlias(alias: Alias, pointer: string, place: Partial<Place>, depth: number): unknown {
    const target = this.#target(alias);
    if (target !== undefined) return this.read(target, pointer, place, depth + 1);
    this.unreadable.add(pointer);
    return null;
  }

  #readMap(pairs: readonly Pair<Node, Node | null>[], pointer: string, depth: number): object {
    const values = new Map<string, unknown>();
    for (const pair of pairs.filter(isMerge)) {
      this.#merge(pair.value, pointer, depth + 1, values);
    }
    const lines = new Map<string, number>();
    for (const { key, value } of pairs.filter((pair) => !isMerge(pair))) {
      const name = this.#keyName(key);
      if (name === undefined) continue;
      const keySpan = spanOf(key) ?? { start: 0, end: 0 };
      const at = this.#source.locate(keySpan);
      const firstLine = lines.get(name);
      if (firstLine !== undefined) {
        this.#report(
          'duplicate-key',
          `the key ${quote(name)} stands here for the second time; the first is in line ${firstLine}`,
          keySpan,
          'keep one of them',
        );
        continue;
      }
      lines.set(name, at.line);
      values.set(name, this.read(value, member(pointer, name), { key: keySpan }, depth + 1));
    }
    return Object.fromEntries(values);
  }

  /** Takes the members of a map, or of each map in a list: the first that has a key wins. */
  #merge(value: Node | null, pointer: string, depth: number, into: Map<string, unknown>): void {
    const span = spanOf(value) ?? { start: 0, end: 0 };
    if (this.#isExhausted(span, depth)) return;
    if (value !== null) this.#remember(value);
    const target = isAlias(value) ? this.#target(value) : value;
    if (target === undefined) return;
    if (isSeq<Node | null>(target)) {
      for (const item of target.items.toReversed()) this.#merge(item, pointer, depth + 1, into);
    } else if (isMap<Node, Node | null>(target)) {
      this.#remember(target);
      const merged = this.#readMap(target.items, pointer, depth);
      for (const [key, item] of Object.entries(merged)) into.set(key, item);
    } else {
      this.#report('bad-merge', '<< needs a map, or an alias of one', span, 'write <<: *name');
    }
  }

  #keyName(key: Node | null): string | undefined {
    const name = isScalar(key) ? (key.source ?? String(key.value ?? '')) : '';
    if (name !== '') return name;
    const span = spanOf(key) ?? { start: 0, end: 0 };
    this.#report('bad-key', 'a key must be a word', span, 'write KEY: VALUE');
    return undefined;
  }

  #remember(node: Node): void {
    if (this.#seen.has(node)) return;
    this.#seen.add(node);
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      this.#targets.set(node, target);
      if (target === undefined) {
        this.#report(
          'unknown-anchor',
          `*${node.source} refers to an anchor that is not set before it`,
          spanOf(node) ?? { start: 0, end: 0 },
          `set it with &${node.source}, or put quotes around a text that starts with *`,
        );
      }
    } else if ('anchor' in node && typeof node.anchor === 'string') {
      this.#anchors.set(node.anchor, node);
    }
  }

  #target(alias: Alias): Node | undefined {
    return this.#targets.get(alias);
  }

  #isExhausted(span: Span, depth: number): boolean {
    if (this.exhausted) return true;
    this.#valuesLeft -= 1;
    if (this.#valuesLeft >= 0 && depth <= depthMax) return false;
    this.exhausted = true;
    const tooMuch =
      depth > depthMax ? `levels: more than ${depthMax}` : `values: more than ${valuesMax}`;
    this.#report(
      'too-much',
      `with its aliases followed, the manifest has too many ${tooMuch}`,
      span,
      'aliases of aliases multiply: write the values out',
    );
    return true;
  }

  #report(code: string, message: string, span: Span, hint: string): void {
    this.diagnostics.push({ code, message, hint, at: this.#source.locate(span) });
  }
}

function spanOf(node: Node | null): Span | undefined {
  const range = node?.range;
  if (range === undefined || range === null || range[0] === range[1]) return undefined;
  return { start: range[0], end: range[1] };
}

function isMerge(pair: Pair<Node, Node | null>): boolean {
  const key: unknown = pair.key;
  return isScalar(key) && key.value === '<<' && (key as Scalar).type === 'PLAIN';
}
