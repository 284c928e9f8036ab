import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/model/units.ts';

function hintOf(result: ReturnType<typeof parseSize>): string | undefined {
  return result.ok ? 'no problem' : result.problem.hint;
}

describe('a size', () => {
  test.each([
    ['0B', 0],
    ['512B', 512],
    ['64KiB', 65_536],
    ['256MiB', 268_435_456],
    ['1GiB', 1_073_741_824],
    ['2TiB', 2_199_023_255_552],
    ['007MiB', 7_340_032],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize('memory', text)).toEqual({ ok: true, value: bytes });
  });

  test.each([
    ['256', 'a size needs its unit: 256B, 256KiB or 256MiB'],
    ['256MB', /^write 256MiB;/],
    ['256mib', /^write 256MiB;/],
    ['64 KiB', /^write 64KiB;/],
    ['1g', /^write 1GiB;/],
    ['1.5GiB', /^write 1536MiB;/],
    ['10 bytes', /^write 10B;/],
    ['-1MiB', /whole number/],
    ['MiB', /whole number/],
    ['', /whole number/],
    ['1MiB1MiB', /whole number/],
    ['0x10MiB', /whole number/],
    ['1constructor', /whole number/],
  ])('%j is none, and the hint says what to write', (text, hint) => {
    expect(hintOf(parseSize('memory', text))).toMatch(hint);
  });

  test('is refused where it can not be counted exactly', () => {
    const result = parseSize('memory', '9007199254740992B');
    expect(result).toMatchObject({ ok: false, problem: { code: 'too-large' } });
    expect(parseSize('memory', '9007199254740991B').ok).toBe(true);
  });

  test('is the same after it was written and read again', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize('memory', formatSize(bytes))).toEqual({ ok: true, value: bytes });
      }),
    );
  });
});

describe('a time', () => {
  test.each([
    ['10s', 10],
    ['2m', 120],
    ['1h', 3600],
  ])('%s is %i seconds', (text, seconds) => {
    expect(parseDuration('wall_time', text)).toEqual({ ok: true, value: seconds });
  });

  test.each([
    ['10', 'a time needs its unit: 10s'],
    ['500ms', /shortest time is 1s/],
    ['1.5s', /whole seconds/],
    ['1 h', /whole number/],
    ['-1s', /whole number/],
    ['1d', /whole number/],
    ['', /whole number/],
  ])('%j is none, and the hint says what to write', (text, hint) => {
    expect(hintOf(parseDuration('wall_time', text))).toMatch(hint);
  });

  test('is the same after it was written and read again', () => {
    fc.assert(
      fc.property(fc.nat(), (seconds) => {
        const text = formatDuration(seconds);
        expect(parseDuration('wall_time', text)).toEqual({ ok: true, value: seconds });
      }),
    );
  });
});
