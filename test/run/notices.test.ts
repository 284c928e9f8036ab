import { expect, test } from 'vitest';
import { copyNotices, endNotice } from '../../src/run/notices.ts';
import type { RunResult } from '../../src/run/run-result.ts';

const result: RunResult = {
  ...{ status: 'ok', jail: 'web', user: 'web1', engine: 'runc', exitCode: 0 },
  message: 'ended with exit code 0',
  ...{ wallTimeMs: 1, cpuTimeMs: 1, memoryPeakBytes: 1, outputBytes: 0, outputCut: false },
  ...{ copiedOut: [], layers: {}, limits: {} },
};

test('a run that ended by itself needs no notice of its end', () => {
  expect(endNotice(result)).toBeUndefined();
  expect(endNotice({ ...result, status: 'runtime_error', exitCode: 1 })).toBeUndefined();
});

test('any other end is told, with nothing in it that a terminal obeys', () => {
  const message = '\x1b[2Jls: not found\n';
  expect(endNotice({ ...result, status: 'sandbox_error', message })).toBe(
    'jailctl: \\x1b[2Jls: not found\\x0a\n',
  );
});

test('files that were not copied out are told, each on its line, and no others', () => {
  const copiedOut = [
    { from: 'a\u202eb', to: '/a', error: 'no such file' },
    { from: 'c', to: '/c', bytes: 1 },
  ];
  expect(copyNotices({ ...result, copiedOut })).toEqual([
    'jailctl: a\\u{202e}b: not copied: no such file\n',
  ]);
});
