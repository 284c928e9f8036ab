import { describe, expect, test } from 'vitest';
import { diffTrees } from '../../src/kinds/tree/diff.ts';
import type { TreeEntry } from '../../src/kinds/tree/entry.ts';
import { type TreeNode, treeAddress } from '../../src/kinds/tree/node.ts';
import { treeSteps } from '../../src/kinds/tree/steps.ts';
import { nameTwins } from '../../src/kinds/tree/twins.ts';

const source = { from: 'host', path: '/usr/bin/tool', mtimeSeconds: 7, ctimeMs: 9 } as const;
const tool: TreeEntry = { type: 'file', mode: 0o755, sizeBytes: 5, source };

/** A file of a jail; without what is said otherwise the same in each. */
interface Case extends Partial<TreeNode> {
  readonly jail: string;
}

function node({ jail, ...rest }: Case): TreeNode {
  const place = { jail, root: `/srv/${jail}`, path: '/bin/tool', entry: tool };
  return { ...place, uid: 0, gid: 0, xattrs: [], altered: false, ...rest };
}

const byAddress = (cases: readonly Case[]) =>
  new Map(cases.map(node).map((one) => [treeAddress(one.jail, one.path), one]));

/** Which twin the step for each file names, by its path. */
function twins(
  desired: readonly Case[],
  observed: readonly Case[] = [],
  devices: Readonly<Record<string, number>> = { a: 1, b: 1, c: 1 },
): Readonly<Record<string, string>> {
  const [wanted, found] = [byAddress(desired), byAddress(observed)];
  const changes = nameTwins(diffTrees(wanted, found), wanted, new Map(Object.entries(devices)));
  const steps = treeSteps(changes, new Map());
  return Object.fromEntries(
    steps.flatMap((step) =>
      step.op === 'copyFile' ? [[step.to.path, step.twin ?? 'none'] as const] : [],
    ),
  );
}

const [a, b, c] = ['/srv/a/bin/tool', '/srv/b/bin/tool', '/srv/c/bin/tool'];

describe('the twin of a file that is made', () => {
  test('is what the stage before makes, in the order of the names of jails', () => {
    const jails = [{ jail: 'c' }, { jail: 'a' }, { jail: 'b' }];
    expect(twins(jails)).toEqual({ [a]: 'none', [b]: a, [c]: b });
  });

  test('is what stands in another jail, of several the last', () => {
    const jails = [{ jail: 'a' }, { jail: 'b' }, { jail: 'c' }];
    expect(twins(jails, [{ jail: 'b' }, { jail: 'c' }])).toEqual({ [a]: c });
  });

  test.for<readonly [string, Partial<TreeNode>]>([
    ['was altered', { altered: true }],
    ['has an attribute', { xattrs: ['system.posix_acl_access'] }],
    ["is somebody's", { uid: 70_000 }],
    ['has another mode', { entry: { ...tool, mode: 0o777 } }],
  ])('is none that %s', ([, found]) => {
    expect(twins([{ jail: 'a' }, { jail: 'b' }], [{ jail: 'b', ...found }])[a]).toBe('none');
  });

  test.for<readonly [string, Partial<TreeNode>]>([
    ['another path', { path: '/bin/other' }],
    ['another mode', { entry: { ...tool, mode: 0o644 } }],
    ['another size', { entry: { ...tool, sizeBytes: 6 } }],
    ['another source', { entry: { ...tool, source: { ...source, path: '/opt/tool' } } }],
    ['another time of its source', { entry: { ...tool, source: { ...source, mtimeSeconds: 8 } } }],
    ['a source that changed', { entry: { ...tool, source: { ...source, ctimeMs: 10 } } }],
  ])('is none with %s', ([, wanted]) => {
    expect(Object.values(twins([{ jail: 'a' }, { jail: 'b', ...wanted }]))).toEqual([
      'none',
      'none',
    ]);
  });

  test('is none on another file system', () => {
    const devices = { a: 1, b: 2, c: 1 };
    const jails = [{ jail: 'a' }, { jail: 'b' }, { jail: 'c' }];
    expect(twins(jails, [], devices)).toEqual({ [a]: 'none', [b]: 'none', [c]: a });
    expect(twins([{ jail: 'a' }, { jail: 'b' }], [], {})).toEqual({ [a]: 'none', [b]: 'none' });
  });

  test('is none in a jail that goes', () => {
    expect(twins([{ jail: 'a' }], [{ jail: 'b' }])).toEqual({ [a]: 'none' });
  });

  test('what jailctl writes, and homes, have none', () => {
    const text: TreeEntry = {
      ...{ type: 'file', mode: 0o644, sizeBytes: 1 },
      source: { from: 'jailctl', base64: 'YQ==' },
    };
    const wanted = byAddress(['a', 'b'].map((jail) => ({ jail, entry: text })));
    const changes = nameTwins(
      diffTrees(wanted, new Map()),
      wanted,
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    );
    expect(JSON.stringify(treeSteps(changes, new Map()))).not.toContain('twin');
  });

  test('which changes are made, and why, is as without twins', () => {
    const wanted = byAddress([{ jail: 'a' }, { jail: 'b' }]);
    const found = byAddress([{ jail: 'b', altered: true }, { jail: 'd' }]);
    const plain = diffTrees(wanted, found);
    const named = nameTwins(plain, wanted, new Map([['a', 1]]));
    const told = (changes: typeof plain) =>
      changes.map(({ address, action, reasons }) => `${address} ${action} ${reasons}`).sort();
    expect(told(named)).toEqual(told(plain));
  });
});
