import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalKeys, parseAuthorizedKey } from '../../src/manifest/authorized-keys.ts';

const kinds = [
  ['ed25519', '256'],
  ['rsa', '2048'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
] as const;

/** Public keys as ssh-keygen(1) writes them, and a private one. */
const made: string[] = [];
let privateKey = '';
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'jailctl-keys-'));
  for (const [type, bits] of kinds) {
    const file = join(directory, `${type}${bits}`);
    const flags = ['-q', '-t', type, '-b', bits, '-N', '', '-C', 'ann at home', '-f', file];
    execFileSync('ssh-keygen', flags);
    made.push(readFileSync(`${file}.pub`, 'utf8'));
    privateKey = readFileSync(file, 'utf8');
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

const isTaken = (text: string) => parseAuthorizedKey(text).ok;

describe('a public key', () => {
  test('of each type that ssh-keygen makes is taken, with its comment', () => {
    expect(made).toHaveLength(kinds.length);
    for (const key of made) {
      expect(parseAuthorizedKey(key)).toEqual({ ok: true, value: key.trim() });
      expect(parseAuthorizedKey(key.replace(' ann at home\n', ''))).toMatchObject({ ok: true });
    }
  });

  test('is refused when a piece of it is missing, or another type stands before it', () => {
    for (const key of made) {
      const [type = '', base64 = ''] = key.split(' ');
      for (let length = 0; length < base64.length; length++) {
        expect(isTaken(`${type} ${base64.slice(0, length)} ann`), `${type} ${length}`).toBe(false);
      }
      const others = made.map((one) => one.split(' ')[0]).filter((other) => other !== type);
      for (const other of others) expect(isTaken(`${other} ${base64}`)).toBe(false);
      expect(isTaken(`${type} ${base64.slice(0, -4)}AAAA${base64.slice(-4)}`)).toBe(false);
    }
  });

  test('is never a private one, and nothing of that is told', () => {
    const result = parseAuthorizedKey(privateKey);
    expect(result).toMatchObject({ ok: false, problem: { code: 'private-key' } });
    const told = JSON.stringify(result);
    for (const line of privateKey.split('\n').slice(1, -2)) expect(told).not.toContain(line);
  });
});

describe('a list of keys', () => {
  test('means the same in every order, and has none twice, whatever its comments are', () => {
    const [a = '', b = ''] = made.map((key) => key.trim());
    expect(canonicalKeys([b, a])).toEqual(canonicalKeys([a, b]));
    const other = a.replace('ann', 'bob');
    expect(canonicalKeys([a, other])).toEqual([other]);
    expect(canonicalKeys([other, a])).toEqual([other]);
  });
});
