import { randomBytes } from 'node:crypto';
import type { Answer } from '../../../model/probe-answer.ts';
import { runEnvironment } from '../../../run/environment.ts';
import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';

/** Of the answer to `environment`; control characters in values are question marks there. */
function variablesOf({ facts }: Answer): readonly string[] {
  const found = [...facts].filter(([name]) => name.startsWith('variable-'));
  return found.map(([, value]) => value).sort();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what the probe program replaces.
const controls = /[\x00-\x1f\x7f]/g;

async function exactEnvironment(range: Range): Promise<Finding> {
  const outside = variablesOf(await range.host.outside(['environment'], { as: range.user.uid }));
  if (outside.length === 0) return noControl('outside the jail no variable is seen either');
  const own = [['JAILCTL_PROBE', randomBytes(8).toString('hex')]] as const;
  const declared = runEnvironment(range.subject.jail, range.user, own);
  const wanted = Object.entries(declared).map(([name, value]) =>
    // As bytes, like all that the program says.
    Buffer.from(`${name}=${value}`).toString('latin1').replace(controls, '?'),
  );
  const answer = await range.inside(['environment'], { variables: own });
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const seen = variablesOf(answer);
  const extra = seen.filter((one) => !wanted.includes(one));
  const missing = wanted.filter((one) => !seen.includes(one));
  // Of a variable that is there twice, programs differ in which one they take.
  const isTwice = seen.length > new Set(seen.map((one) => one.split('=')[0])).size;
  if (extra.length > 0 || missing.length > 0 || isTwice) {
    // Names only: a value may be a secret of the caller's.
    const names = (list: readonly string[]) =>
      list.map((one) => one.split('=')[0]).join(', ') || 'none';
    return broken(
      `not declared: ${names(extra)}; missing: ${names(missing)}${isTwice ? '; some twice' : ''}`,
    );
  }
  return held(`${seen.length} variables, as declared; the program sees ${outside.length} outside`);
}

const maskOutside = '022';

async function ownUmask(range: Range): Promise<Finding> {
  const { host, user } = range;
  const outside = await host.outside(['make-file', host.directory, maskOutside]);
  requireOutcome(outside, 'outside the jail');
  if (outside.facts.get('mode') !== '0755') {
    return noControl(`a file with umask ${maskOutside} is ${outside.facts.get('mode')} outside`);
  }
  const answer = await range.inside(['make-file', `/home/${user.name}`]);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  if (answer.outcome !== 'done') throw new Error(`no file in its home: ${answer.outcome}`);
  const mode = answer.facts.get('mode');
  if (mode !== '0700') return broken(`a new file for everybody is ${mode} in the jail`);
  return held(`a new file for everybody is ${mode} in the jail, 0755 with umask 022 outside`);
}

/** What a program is given at its start. */
export const givenProbes: readonly Probe[] = [
  {
    id: 'privilege/environment',
    title: 'sees variables that the jail does not declare',
    severity: 'high',
    layer: 'clean_environment',
    expected: 'exactly the variables of every run, of the jail, and of the caller for this run',
    control: 'outside the jail the program sees the variables of its caller',
    gain: "tokens and passwords in the environment of jailctl's caller",
    remedy: 'start the run with an empty environment, and add what is declared',
    attempt: exactEnvironment,
  },
  {
    id: 'privilege/umask',
    title: 'makes files that other users can read or write',
    severity: 'medium',
    layer: 'umask',
    expected: 'mode 0700 of a file made for everybody: umask 077',
    control: 'outside the jail, with umask 022, the file is 0755',
    gain: 'what one user of the jail writes, others read',
    remedy: 'start the run with umask 077',
    attempt: ownUmask,
  },
];
