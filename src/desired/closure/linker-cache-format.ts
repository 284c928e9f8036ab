/** One line of `ldconfig -p`. */
export interface CachedLibrary {
  readonly name: string;
  readonly path: string;
  /** Machine and libc: Machine.cacheFlags. */
  readonly flags: number;
  /** The subdirectory of glibc-hwcaps that it lies in: `x86-64-v3`. */
  readonly variant?: string;
}

/** `struct cache_file_new`, `struct file_entry_new`, `struct cache_extension` of dl-cache.h in glibc. */
const magic = 'glibc-ld.so.cache1.1';
const headerBytes = 48;
const entryBytes = 24;
const extensionMagic = 0xeaa42174;
const extensionHeaderBytes = 8;
const sectionBytes = 16;
const hwcapsSectionTag = 1;
/** DL_CACHE_HWCAP_EXTENSION: bit 62 of `hwcap`, here of its upper half. */
const hwcapExtension = 0x40000000;
const [littleEndianFlag, bigEndianFlag] = [2, 3];

/**
 * The order in which ld.so searches, _dl_cache_libcmp of glibc's elf/dl-cache.c: runs of digits
 * compare as numbers and stand after everything else.
 */
export function compareLibraryNames(one: string, other: string): number {
  const digits = (text: string, at: number): string => /^\d+/.exec(text.slice(at))?.[0] ?? '';
  let [i, j] = [0, 0];
  while (i < one.length) {
    const [left, right] = [digits(one, i), digits(other, j)];
    if (left !== '' && right === '') return 1;
    if (left === '' && right !== '') return -1;
    if (left !== '') {
      const difference = BigInt(left) - BigInt(right);
      if (difference !== 0n) return difference > 0n ? 1 : -1;
      i += left.length;
      j += right.length;
      continue;
    }
    const difference = one.charCodeAt(i) - (j < other.length ? other.charCodeAt(j) : 0);
    if (difference !== 0) return difference;
    i++;
    j++;
  }
  return j < other.length ? -1 : 0;
}

/** ldconfig's order: names from last to first; of one name, the hardware variants first. */
function compareEntries(one: CachedLibrary, other: CachedLibrary): number {
  const byName = compareLibraryNames(other.name, one.name);
  if (byName !== 0) return byName;
  if (one.flags !== other.flags) return other.flags - one.flags;
  if (one.variant === other.variant) return 0;
  if (one.variant === undefined || other.variant === undefined) {
    return one.variant === undefined ? 1 : -1;
  }
  return one.variant < other.variant ? -1 : 1;
}

/** Of the same name, machine and variant only the first is ever found. */
function searchable(libraries: readonly CachedLibrary[]): readonly CachedLibrary[] {
  const seen = new Map<string, CachedLibrary>();
  for (const library of libraries) {
    const key = [library.name, library.flags, library.variant ?? ''].join('\0');
    if (!seen.has(key)) seen.set(key, library);
  }
  return [...seen.values()].sort(compareEntries);
}

/** Strings at the end of the header and entries, each once, ended by NUL. */
class StringTable {
  readonly #start: number;
  readonly #offsets = new Map<string, number>();
  readonly #parts: Buffer[] = [];
  bytes = 0;

  constructor(start: number) {
    this.#start = start;
  }

  /** Counts from the start of the file. */
  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const part = Buffer.from(`${text}\0`);
    const offset = this.#start + this.bytes;
    this.#offsets.set(text, offset);
    this.#parts.push(part);
    this.bytes += part.length;
    return offset;
  }

  content(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/**
 * A file in the format of /etc/ld.so.cache, "glibc-ld.so.cache1.1", as glibc 2.33 and later write
 * it; older ones, from 2.2, read it too and see no hardware variants.
 * @param libraries in the order of the directories that they were found in
 */
export function encodeLinkerCache(
  libraries: readonly CachedLibrary[],
  littleEndian: boolean,
): Uint8Array {
  const entries = searchable(libraries);
  const variants = [...new Set(entries.flatMap(({ variant }) => variant ?? []))].sort();
  const stringsStart = headerBytes + entries.length * entryBytes;
  const strings = new StringTable(stringsStart);
  const head = new DataView(new ArrayBuffer(stringsStart));
  const put = (at: number, value: number): void => head.setUint32(at, value, littleEndian);

  Buffer.from(head.buffer).write(magic, 'latin1');
  entries.forEach(({ name, path, flags, variant }, index) => {
    const at = headerBytes + index * entryBytes;
    put(at, flags);
    put(at + 4, strings.offset(name));
    put(at + 8, strings.offset(path));
    if (variant === undefined) return;
    const [low, high] = littleEndian ? [at + 16, at + 20] : [at + 20, at + 16];
    put(low, variants.indexOf(variant));
    put(high, hwcapExtension);
  });
  const variantOffsets = variants.map((variant) => strings.offset(variant));
  // The extension is read in words, so it starts at a multiple of four.
  const padding = (4 - ((stringsStart + strings.bytes) % 4)) % 4;
  const extensionStart = stringsStart + strings.bytes + padding;
  put(20, entries.length);
  put(24, strings.bytes);
  head.setUint8(28, littleEndian ? littleEndianFlag : bigEndianFlag);
  put(32, variants.length > 0 ? extensionStart : 0);
  return Buffer.concat([
    Buffer.from(head.buffer),
    strings.content(),
    Buffer.alloc(padding),
    variants.length > 0
      ? encodeExtension(extensionStart, variantOffsets, littleEndian)
      : Buffer.alloc(0),
  ]);
}

/** One section: the names of the hardware variants, by their place in the string table. */
function encodeExtension(
  start: number,
  variantOffsets: readonly number[],
  littleEndian: boolean,
): Buffer {
  const content = [
    extensionMagic,
    1,
    hwcapsSectionTag,
    0,
    start + extensionHeaderBytes + sectionBytes,
    variantOffsets.length * 4,
    ...variantOffsets,
  ];
  const view = new DataView(new ArrayBuffer(content.length * 4));
  content.forEach((value, index) => {
    view.setUint32(index * 4, value, littleEndian);
  });
  return Buffer.from(view.buffer);
}
