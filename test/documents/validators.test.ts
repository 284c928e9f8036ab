import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { validatorFiles } from '../../scripts/validators.ts';

const directory = new URL('../../src/model/validators/', import.meta.url);
const files = validatorFiles();

describe('the validators', () => {
  test.for([...files])(
    '%s is what its schema makes: node scripts/validators.ts',
    ([path, text]) => {
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  test('are all written by the script', () => {
    const there = readdirSync(directory).filter((name) => name.endsWith('.cjs'));
    expect(there).toEqual([...files.keys()].map((path) => basename(path)).sort());
  });
});
