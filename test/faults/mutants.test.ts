import { expect, test } from 'vitest';
import { Harness } from './harness.ts';
import { type Mutant, makeMutant, mutantPath } from './mutant.ts';
import { operation } from './operations.ts';
import type { Point } from './points.ts';

/** A guard that was taken out, and the kill that must find it out. */
interface Hunt extends Mutant {
  readonly without: string;
  readonly operation: string;
  /** Where jailctl is killed. */
  readonly at: (points: readonly Point[]) => Point | undefined;
  readonly found: RegExp;
}

const afterAccounts = (points: readonly Point[]) =>
  points[points.findIndex(({ text }) => text.includes('rename("/etc/passwd.jailctl-new"')) + 1];

/** Stages between the fence and the end of the accounts, as they are built. */
const untilAccounts = `    ...stage(of("limits"), grow),
    ...stage(of("boot"), grow),
    ...jailsOf(trees).flatMap((jail) => ofTree(jail, (change) => doomedHome(change) !== void 0)),
    ...stage(of("jail"), grow),
    ...stage(of("login"), (change) => isRules(change) && grow(change)),
    ...stage(of("account"), grow),
`;

const hunts: readonly Hunt[] = [
  {
    without: 'the fence before the accounts',
    guard: `    ...stage(of("firewall"), grow),
${untilAccounts}`,
    instead: `${untilAccounts}    ...stage(of("firewall"), grow),
`,
    operation: 'create',
    at: afterAccounts,
    found: /jail users without a jump to their fence in IPv4/,
  },
  {
    without: 'a name for new files until they are whole',
    guard: '  return to.temporary;\n',
    // Links of files that jails share never have half their content.
    instead: '  return to.path.endsWith(".conf") ? to.path : to.temporary;\n',
    operation: 'create',
    at: (points) =>
      points.find(({ call, path }) => call === 'write' && path?.endsWith('/jailctl.conf') === true),
    found: /neither old nor new: \/etc\/security\/limits\.d\/jailctl\.conf/,
  },
  {
    without: 'an end of processes before their account goes',
    guard: ' = [...ending(uids)];',
    instead: ' = [];',
    operation: 'destroy',
    at: afterAccounts,
    found: /a process of UID 78\d{3}, which has no account any more/,
  },
];

test.for(hunts)('a jailctl without $without is found out', { timeout: 300_000 }, async (hunt) => {
  const one = operation(hunt.operation);
  await using harness = await Harness.open(one, (host) => makeMutant(host, hunt), mutantPath);
  const { changing } = await harness.points();
  const point = hunt.at(changing);
  if (point === undefined) throw new Error('it does not come to the point');
  const { faults, missed } = await harness.attempt(point, { signal: 'KILL' }, 'apply');
  process.stdout.write(`without ${hunt.without}: ${faults[0]}\n`);
  expect(missed).toBe(false);
  expect(faults.join('\n')).toMatch(hunt.found);
});
