import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applySteps, type Files, type Jails, plan } from './model-host.ts';

const states = {
  passwd: {
    absent: '',
    right: 'web1:x:70000:70000:jailctl jail web:/web/home/web1:/usr/sbin/nologin\n',
    wrong: 'web1:p:70000:70009:Bob:/x:/bin/sh\n',
    twice: 'web1:x:70000:70000:jailctl jail web:/web/home/web1:/usr/sbin/nologin\n'.repeat(2),
  },
  group: {
    absent: '',
    right: 'web1:x:70000:\n',
    wrong: 'web1:p:70000:alice\n',
    twice: 'web1:x:70000:\n'.repeat(2),
  },
  shadow: {
    unused: undefined,
    absent: '',
    right: 'web1:!*::::::1:\n',
    wrong: 'web1:$6$x:1:2:3:4:5:6:7\n',
    twice: 'web1:!*::::::1:\n'.repeat(2),
  },
  gshadow: {
    unused: undefined,
    absent: '',
    right: 'web1:!::\n',
    wrong: 'web1:$6$x:alice:alice\n',
    twice: 'web1:!::\n'.repeat(2),
  },
} as const;

const foreign = {
  passwd: 'root:x:0:0::/root:/bin/sh\n',
  group: 'root:x:0:\ndocker:x:999:alice\n',
  shadow: 'root:*:::::::\n',
  gshadow: 'root:*::\n',
};

interface Combination {
  readonly title: string;
  readonly files: Files;
}

function combinations(): readonly Combination[] {
  const all: Combination[] = [];
  for (const [passwd, passwdText] of Object.entries(states.passwd))
    for (const [group, groupText] of Object.entries(states.group))
      for (const [shadow, shadowText] of Object.entries(states.shadow))
        for (const [gshadow, gshadowText] of Object.entries(states.gshadow))
          all.push({
            title: `passwd ${passwd}, group ${group}, shadow ${shadow}, gshadow ${gshadow}`,
            files: {
              passwd: foreign.passwd + passwdText,
              group: foreign.group + groupText,
              ...(shadowText === undefined ? {} : { shadow: foreign.shadow + shadowText }),
              ...(gshadowText === undefined ? {} : { gshadow: foreign.gshadow + gshadowText }),
            },
          });
  return all;
}

/** The foreign texts, where the host has the file. */
function foreignOnly(files: Files): Files {
  return Object.fromEntries(
    Object.keys(files).map((file) => [file, foreign[file as keyof typeof foreign]]),
  );
}

const web: Jails = { web: { web1: 70000 } };

describe('every desired state meets every observed one', () => {
  test.each(combinations())('$title: wanted, one apply makes it right', ({ files }) => {
    const planned = plan(files, web, web);
    expect(planned.conflicts).toEqual([]);
    const after = applySteps(files, planned.steps);
    expect(plan(after, web, web).changes).toEqual([]);
    for (const [file, text] of Object.entries(after)) {
      const name = file as keyof typeof foreign;
      expect(text).toBe(foreign[name] + states[name].right);
    }
  });

  test.each(combinations())('$title: not wanted, one apply leaves nothing', ({ files }) => {
    const planned = plan(files, web, {});
    const after = applySteps(files, planned.steps);
    expect(after).toEqual(foreignOnly(files));
    expect(plan(after, web, {}).changes).toEqual([]);
  });
});

describe('properties', () => {
  const jails = fc
    .dictionary(fc.constantFrom('web', 'db', 'a'), fc.integer({ min: 0, max: 4 }))
    .map((counts): Jails => {
      const start: Readonly<Record<string, number>> = { web: 70000, db: 70100, a: 70200 };
      return Object.fromEntries(
        Object.entries(counts).map(([jail, count]) => [
          jail,
          Object.fromEntries(
            Array.from({ length: count }, (_, at) => [`${jail}${at + 1}`, (start[jail] ?? 0) + at]),
          ),
        ]),
      );
    });

  test('from any jails to any others: one apply, then nothing is left to do', () => {
    fc.assert(
      fc.property(jails, jails, (before, wanted) => {
        const files = applySteps(foreign, plan(foreign, before, before).steps);
        const after = applySteps(files, plan(files, before, wanted).steps);
        expect(plan(after, wanted, wanted).changes).toEqual([]);
        expect(applySteps(after, plan(after, wanted, {}).steps)).toEqual(foreign);
      }),
    );
  });

  test('a kill between two renames leaves what the next apply completes or removes', () => {
    const order = ['gshadow', 'group', 'shadow', 'passwd'] as const;
    const done = applySteps(foreign, plan(foreign, web, web).steps);
    for (let count = 0; count <= order.length; count += 1) {
      const renamed = Object.fromEntries(order.slice(0, count).map((file) => [file, done[file]]));
      const cut: Files = { ...foreign, ...renamed };
      expect(applySteps(cut, plan(cut, web, web).steps)).toEqual(done);
      expect(applySteps(cut, plan(cut, web, {}).steps)).toEqual(foreign);
    }
  });

  test('a kill within a removal leaves what is recognised, even where no marker is left', () => {
    const order = ['gshadow', 'group', 'shadow', 'passwd'] as const;
    const done = applySteps(foreign, plan(foreign, web, web).steps);
    for (let count = 0; count <= order.length; count += 1) {
      const renamed = order.slice(0, count).map((file) => [file, foreign[file]]);
      const cut: Files = { ...done, ...Object.fromEntries(renamed) };
      expect(applySteps(cut, plan(cut, {}, {}).steps)).toEqual(foreign);
      expect(applySteps(cut, plan(cut, web, {}).steps)).toEqual(foreign);
    }
  });

  test('one user leaves a group for good and another is healed out of it, in one apply', () => {
    const both: Jails = { web: { web1: 70000, web2: 70001 } };
    const files = applySteps(foreign, plan(foreign, both, both).steps);
    const joined = { ...files, group: files.group?.replace('alice', 'web1,alice,web2') ?? '' };
    const after = applySteps(joined, plan(joined, both, web).steps);
    expect(after.group).toContain('docker:x:999:alice\n');
    expect(plan(after, web, web).changes).toEqual([]);
  });
});
