import { type Parsed, parsed, quote, refused } from './problem.ts';

const bytesPerUnit: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/**
 * Reads `256MiB`, `64KiB`, `512B` as bytes. The unit must be there, so that nobody gives a
 * program 256 bytes by mistake, and is a power of 1024 (IEC 80000-13), as the kernel counts.
 */
export function parseSize(field: string, text: string): Parsed<number> {
  const unit = sizeUnit(text);
  const number = /^[0-9]+/.exec(text)?.[0];
  if (number !== undefined && unit !== undefined && text === `${number}${unit}`) {
    return inSafeRange(field, text, Number(number) * (bytesPerUnit[unit] ?? 1));
  }
  return refused('bad-size', `${field} is ${quote(text)}, which is not a size`, sizeHint(text));
}

/**
 * Reads `10s`, `2m`, `1h` as seconds. There is nothing below a second, because RLIMIT_CPU of
 * setrlimit(2) has nothing below it.
 */
export function parseDuration(field: string, text: string): Parsed<number> {
  const match = /^([0-9]+)([smh])$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined) {
    return inSafeRange(field, text, Number(match[1]) * (secondsPerUnit[match[2]] ?? 1));
  }
  return refused('bad-time', `${field} is ${quote(text)}, which is not a time`, timeHint(text));
}

/** The largest unit that says the number of bytes exactly: `256MiB`. */
export function formatSize(bytes: number): string {
  const units = Object.entries(bytesPerUnit).reverse();
  const [unit, size] = units.find(([, size]) => bytes >= size && bytes % size === 0) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}

/** The largest unit that says the number of seconds exactly: `2m`. */
export function formatDuration(seconds: number): string {
  const units = Object.entries(secondsPerUnit).reverse();
  const [unit, size] = units.find(([, size]) => seconds >= size && seconds % size === 0) ?? [
    's',
    1,
  ];
  return `${seconds / size}${unit}`;
}

function inSafeRange(field: string, text: string, value: number): Parsed<number> {
  if (Number.isSafeInteger(value)) return parsed(value);
  return refused('too-large', `${field} is ${quote(text)}, which is too large to count`);
}

function sizeUnit(text: string): string | undefined {
  const letters = /[A-Za-z]+$/.exec(text)?.[0];
  return letters !== undefined && Object.hasOwn(bytesPerUnit, letters) ? letters : undefined;
}

/** What the writer most likely meant, as a size that is one: `256mb` → `256MiB`. */
function sizeHint(text: string): string {
  const match = /^([0-9]{1,9})(?:\.([0-9]{1,3}))? *(?:([kmgt]?)i?b?(?:ytes)?)$/i.exec(text);
  if (match === null) return 'a size is a whole number and B, KiB, MiB, GiB or TiB: 256MiB';
  const [, whole, fraction, letter = ''] = match;
  if (letter === '' && fraction === undefined && !/b/i.test(text)) {
    return `a size needs its unit: ${whole}B, ${whole}KiB or ${whole}MiB`;
  }
  const unit = letter === '' ? 'B' : `${letter.toUpperCase()}iB`;
  const bytes = Math.round(Number(`${whole}.${fraction ?? 0}`) * (bytesPerUnit[unit] ?? 1));
  const meant = formatSize(bytes);
  return `write ${meant}; a unit is B, KiB, MiB, GiB or TiB, each 1024 of the one before`;
}

function timeHint(text: string): string {
  if (/^[0-9]+$/.test(text)) return `a time needs its unit: ${text.slice(0, 9)}s`;
  if (/^[0-9.]+ *(ms|us|ns)$/i.test(text) || /^[0-9]+\.[0-9]+ *s$/i.test(text)) {
    return 'the shortest time is 1s, and times are whole seconds';
  }
  return 'a time is a whole number and s, m or h: 10s';
}
