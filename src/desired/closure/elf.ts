/**
 * What the dynamic linker reads in an ELF file, read the same way: by bytes, from elf(5). A file
 * of the host may be hostile (a jail for student programs is made where students upload files), so
 * every count and every offset has a limit, and nothing is ever run.
 */
export interface ElfFile {
  readonly wordBits: 32 | 64;
  readonly littleEndian: boolean;
  /** `e_machine`: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  /** `e_flags`: the float ABI of ARM and RISC-V. */
  readonly flags: number;
  /** PT_INTERP: the dynamic linker that the program asks for. */
  readonly interpreter?: string;
  /** DT_NEEDED, in the file's order. */
  readonly needed: readonly string[];
  /** DT_RPATH, not yet split or expanded. */
  readonly rpath?: string;
  /** DT_RUNPATH, not yet split or expanded. */
  readonly runpath?: string;
  readonly soname?: string;
  /** DF_1_NODEFLIB: the default directories are not searched. */
  readonly noDefaultDirectories: boolean;
}

/** At most `length` bytes from `offset`; fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

const magic = 0x7f454c46;
/** The kernel's own limit for all program headers together (ELF_MIN_ALIGN). */
const programHeadersBytesMax = 65_536;
const dynamicBytesMax = 65_536;
/** LibreOffice's largest program needs about a hundred. */
const neededMax = 512;
/** PATH_MAX for a path; a list of search directories may be longer. */
const stringBytesMax = 16_384;
const windowBytes = 4096;

/** Reads of a file with the last block kept: most headers lie in its first page. */
class Window {
  readonly #read: ReadAt;
  readonly #sizeBytes: number;
  #start = 0;
  #bytes = new Uint8Array(0);

  constructor(read: ReadAt, sizeBytes: number) {
    this.#read = read;
    this.#sizeBytes = sizeBytes;
  }

  /** Up to `length` bytes; fewer at the end of the file; none past it. */
  bytes(offset: number, length: number): Uint8Array {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset >= this.#sizeBytes) {
      return new Uint8Array(0);
    }
    const held = offset - this.#start;
    if (held < 0 || held + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(this.#read(offset, Math.max(length, windowBytes)));
      this.#start = offset;
    }
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length);
  }

  /** Exactly `length` bytes, or undefined. */
  view(offset: number, length: number): DataView | undefined {
    const bytes = this.bytes(offset, length);
    if (bytes.length < length) return undefined;
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /** A string that ends with NUL, or undefined where there is none within the limit. */
  text(offset: number): string | undefined {
    const short = this.bytes(offset, 256);
    const bytes = short.includes(0) ? short : this.bytes(offset, stringBytesMax);
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : new TextDecoder().decode(bytes.subarray(0, end));
  }
}

interface Layout {
  readonly wide: boolean;
  readonly little: boolean;
}

/** An address-sized word; NaN where it is past what a file can hold. */
function word(view: DataView, offset: number, { wide, little }: Layout): number {
  if (!wide) return view.getUint32(offset, little);
  const value = Number(view.getBigUint64(offset, little));
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

function segments(window: Window, header: DataView, layout: Layout): readonly Segment[] {
  const { wide, little } = layout;
  const start = word(header, wide ? 32 : 28, layout);
  const entryBytes = header.getUint16(wide ? 54 : 42, little);
  const count = header.getUint16(wide ? 56 : 44, little);
  if (entryBytes !== (wide ? 56 : 32) || count * entryBytes > programHeadersBytesMax) return [];
  const table = window.view(start, count * entryBytes);
  if (table === undefined) return [];
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes;
    return {
      type: table.getUint32(at, little),
      offset: word(table, at + (wide ? 8 : 4), layout),
      address: word(table, at + (wide ? 16 : 8), layout),
      fileBytes: word(table, at + (wide ? 32 : 16), layout),
    };
  });
}

interface Dynamic {
  readonly strings: number;
  readonly needed: readonly number[];
  readonly values: ReadonlyMap<number, number>;
}

const tag = { end: 0, needed: 1, strings: 5, soname: 14, rpath: 15, runpath: 29 } as const;
const flagsOneTag = 0x6ffffffb;
const noDefaultFlag = 0x800;

function readDynamic(window: Window, segment: Segment, layout: Layout): Dynamic | undefined {
  const step = layout.wide ? 16 : 8;
  const length = Math.min(segment.fileBytes, dynamicBytesMax);
  if (!(length >= step)) return undefined;
  const bytes = window.bytes(segment.offset, length);
  const table = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const needed: number[] = [];
  const values = new Map<number, number>();
  for (let at = 0; at + step <= table.byteLength; at += step) {
    const name = word(table, at, layout);
    if (name === tag.end) break;
    const value = word(table, at + step / 2, layout);
    if (name !== tag.needed) values.set(name, value);
    else if (needed.length < neededMax) needed.push(value);
  }
  const strings = values.get(tag.strings);
  return strings === undefined ? undefined : { strings, needed, values };
}

function fileOffset(all: readonly Segment[], address: number): number | undefined {
  const loadable = 1;
  const segment = all.find(
    ({ type, address: start, fileBytes }) =>
      type === loadable && address >= start && address < start + fileBytes,
  );
  return segment && address - segment.address + segment.offset;
}

function linking(window: Window, all: readonly Segment[], layout: Layout) {
  const dynamicSegment = all.find(({ type }) => type === 2);
  const dynamic = dynamicSegment && readDynamic(window, dynamicSegment, layout);
  const base = dynamic && fileOffset(all, dynamic.strings);
  if (dynamic === undefined || base === undefined) {
    return { needed: [], noDefaultDirectories: false };
  }
  const text = (name: number): string | undefined => {
    const offset = dynamic.values.get(name);
    return offset === undefined ? undefined : window.text(base + offset);
  };
  const [rpath, runpath, soname] = [text(tag.rpath), text(tag.runpath), text(tag.soname)];
  return {
    needed: dynamic.needed
      .map((offset) => window.text(base + offset))
      .filter((name): name is string => name !== undefined && name !== ''),
    ...(rpath !== undefined && { rpath }),
    ...(runpath !== undefined && { runpath }),
    ...(soname !== undefined && { soname }),
    noDefaultDirectories: ((dynamic.values.get(flagsOneTag) ?? 0) & noDefaultFlag) !== 0,
  };
}

/**
 * The headers of a program or a shared library; undefined for any other file, and for one whose
 * headers make no sense. Never throws for what the file holds.
 * @param sizeBytes of the whole file
 */
export function parseElf(read: ReadAt, sizeBytes: number): ElfFile | undefined {
  const window = new Window(read, sizeBytes);
  const ident = window.view(0, 52);
  if (ident === undefined || ident.getUint32(0) !== magic) return undefined;
  const [wordClass, byteOrder] = [ident.getUint8(4), ident.getUint8(5)];
  if ((wordClass !== 1 && wordClass !== 2) || (byteOrder !== 1 && byteOrder !== 2))
    return undefined;
  const layout: Layout = { wide: wordClass === 2, little: byteOrder === 1 };
  const header = window.view(0, layout.wide ? 64 : 52);
  if (header === undefined) return undefined;
  const [executable, shared] = [2, 3];
  const type = header.getUint16(16, layout.little);
  if (type !== executable && type !== shared) return undefined;
  const all = segments(window, header, layout);
  const interpreterSegment = all.find((segment) => segment.type === 3);
  const interpreter = interpreterSegment && window.text(interpreterSegment.offset);
  return {
    wordBits: layout.wide ? 64 : 32,
    littleEndian: layout.little,
    machine: header.getUint16(18, layout.little),
    flags: header.getUint32(layout.wide ? 48 : 36, layout.little),
    ...(interpreter !== undefined && { interpreter }),
    ...linking(window, all, layout),
  };
}
