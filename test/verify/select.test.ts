import { describe, expect, test } from 'vitest';
import { groupNames, groupOf } from '../../src/verify/probe.ts';
import { allProbes } from '../../src/verify/probes.ts';
import { selectProbes } from '../../src/verify/select.ts';
import { probe } from './scripted.ts';

const probes = ['files/a', 'files/b', 'network/a', 'leaks/a'].map((id) => probe(id));

const select = (only: readonly string[], skip: readonly string[] = []) =>
  selectProbes(probes, only, skip).map(({ id }) => id);

describe('the probes that are wanted', () => {
  test.for([
    [[], [], ['files/a', 'files/b', 'network/a', 'leaks/a']],
    [['files'], [], ['files/a', 'files/b']],
    [['leaks', 'files/b'], [], ['files/b', 'leaks/a']],
    [['leaks,files/b'], [], ['files/b', 'leaks/a']],
    [['files'], ['files/a'], ['files/b']],
    [[], ['network', 'leaks/a,'], ['files/a', 'files/b']],
  ] as const)('only %j without %j', ([only, skip, ids]) => {
    expect(select(only, skip)).toEqual(ids);
  });

  test.for([
    [['file'], [], 'there is no probe file', 'did you mean files?'],
    [['files/c'], [], 'there is no probe files/c', 'did you mean files/a?'],
    [[], ['zzzzzzzzzz'], 'there is no probe zzzzzzzzzz', 'jailctl verify --list shows them'],
    [['files'], ['files'], 'no probe is left to try', 'jailctl verify --list shows them'],
    [[''], [], 'no probe is left to try', 'jailctl verify --list shows them'],
  ] as const)('refuses only %j without %j', ([only, skip, message, hint]) => {
    expect(() => select(only, skip)).toThrow(
      expect.objectContaining({ message, hint, exitCode: 3 }),
    );
  });
});

describe('the list of probes', () => {
  test('has each id once, in lower case, by the group that it is listed in', () => {
    const ids = allProbes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*$/);
    const groups = allProbes.map((one) => groupNames.indexOf(groupOf(one)));
    expect(groups).toEqual(groups.toSorted((a, b) => a - b));
  });

  test('tells of each what it tries, what should stop it, and how to close it, in a line', () => {
    for (const { id, title, layer, expected, control, gain, remedy } of allProbes) {
      for (const text of [title, layer, expected, control, gain, remedy]) {
        expect(text, id).toMatch(/^\S.*[^\s.]$/);
      }
    }
  });
});
