import { printable } from '../../model/printable.ts';
import { copyNotices, endNotice } from '../../run/notices.ts';
import type { RunResult } from '../../run/run-result.ts';
import { refusedRequests } from '../../run/seccomp.ts';
import { compare, requireOutcome } from '../attempt.ts';
import type { Probe } from '../probe.ts';
import type { Range } from '../range.ts';
import { broken, type Finding, held, noControl } from '../verdict.ts';
import { withoutFilter } from './common.ts';

const filterRemedy = 'run with the filter for system calls, which an OCI runtime sets';

function requestNamed(name: string): number {
  const request = refusedRequests[name];
  if (request === undefined) throw new Error(`the filter knows no ${name}`);
  return request;
}

/** The kernel looks at 32 bits of a request, and a filter that compares 64 lets this one pass. */
const higherBit = 2 ** 32;

/**
 * A request that the filter must stop wherever it goes to. It goes to a pipe: ENOTTY is the pipe's
 * own answer, which tells that no filter was before it.
 */
function filtered(
  request: number,
  texts: Pick<Probe, 'id' | 'title' | 'gain' | 'severity'>,
): Probe {
  return {
    ...texts,
    layer: 'seccomp',
    expected: 'ENOSYS or EPERM, whatever the descriptor is',
    control: 'outside the jail the request comes through to the descriptor (ENOTTY: a pipe)',
    remedy: filterRemedy,
    weakOn: withoutFilter,
    attempt: (range) =>
      compare(range, {
        attempt: ['terminal-request', String(request)],
        reached: ['ENOTTY'],
        // ENOSYS: the filter knows the call, but not with this request.
        refusals: ['ENOSYS', 'EPERM'],
      }),
  };
}

const input = 'it types into the terminal of whoever started the run, as that user: as root';

/** Is its session one of its own? In that of its parent it would have the terminal of that. */
async function leaveSession(range: Range): Promise<Finding> {
  const outside = await range.host.outside(['session', 'child'], { as: range.user.uid });
  requireOutcome(outside, 'outside the jail');
  if (outside.outcome !== 'done') return noControl('outside the jail a child has its own as well');
  const inside = await range.inside(['session']);
  requireOutcome(inside, `in the jail (${inside.result.message})`);
  const session = inside.facts.get('session');
  if (inside.outcome !== 'own')
    return broken(`it is in session ${session}, which it has not begun`);
  return held(`session ${session} is its own; outside, a child is in that of its parent`);
}

/** Clears the screen, renames the window, and turns the rest of the line around (CVE-2021-42574). */
const tricks = '\x1b[2J\x1b]0;pwned\x07\u009b31m\u202ejail';

/** What a terminal would obey: C0 and C1 controls, and signs that turn the direction of text. */
const obeyed = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/**
 * A program can give its files such names, and has them come into what jailctl says of a run. That is
 * looked at as `exec` would write it.
 */
async function displayName(range: Range): Promise<Finding> {
  const from = `/tmp/${tricks}`;
  const to = `${range.host.directory}/never-${range.user.uid}`;
  const { result } = await range.inside(['session'], { copyOut: [{ from, to }] });
  if (!result.copiedOut.some((copy) => 'error' in copy && copy.from.includes(tricks))) {
    return noControl(`no such name is in the result: ${printable(result.message)}`);
  }
  const failed: RunResult = { ...result, status: 'sandbox_error' };
  const lines = [...copyNotices(result), endNotice(failed) ?? ''].map((line) => line.trimEnd());
  const bad = lines.find((line) => obeyed.test(line));
  if (bad !== undefined) return broken(`it would reach a terminal: ${JSON.stringify(bad)}`);
  return held(`exec shows it as: ${lines[0]}`);
}

export const terminalProbes: readonly Probe[] = [
  {
    id: 'terminal/push-input',
    title: 'pushes input into a terminal: TIOCSTI on 0, 1, 2, /dev/tty, /dev/console, a new one',
    severity: 'critical',
    layer: 'own_session, seccomp',
    expected: 'ENOSYS or EPERM, or there is no terminal',
    control: 'root pushes a byte into a terminal that is its own, and finds it there',
    gain: input,
    remedy: 'start runs in a session of their own and without a terminal, as jailctl does',
    attempt: (range) =>
      compare(range, {
        attempt: ['push-input', String(requestNamed('TIOCSTI'))],
        control: ['push-input', String(requestNamed('TIOCSTI')), 'own'],
        controlAs: 'root',
        refusals: ['ENOSYS', 'EPERM', 'ENOTTY', 'ENXIO', 'EIO'],
      }),
  },
  filtered(requestNamed('TIOCSTI'), {
    id: 'terminal/tiocsti',
    title: 'asks for TIOCSTI (CVE-2017-5226)',
    severity: 'medium',
    gain: `with a terminal (exec --tty), ${input}`,
  }),
  filtered(requestNamed('TIOCSTI') + higherBit, {
    id: 'terminal/tiocsti-higher-bit',
    title: 'asks for TIOCSTI + 2^32, which the kernel takes for the same (CVE-2019-10063)',
    severity: 'medium',
    gain: `with a terminal (exec --tty), ${input}`,
  }),
  filtered(requestNamed('TIOCLINUX'), {
    id: 'terminal/tioclinux',
    title: 'asks for TIOCLINUX, by which a console pastes what was selected (CVE-2023-28100)',
    severity: 'medium',
    gain: 'started from a console of the machine, it types into that',
  }),
  filtered(requestNamed('TIOCSETD'), {
    id: 'terminal/tiocsetd',
    title: 'asks for another line discipline (CVE-2017-2636)',
    severity: 'low',
    gain: 'modules of the kernel that hardly anybody uses, and that have had holes',
  }),
  {
    id: 'terminal/open',
    title: 'opens a terminal: /dev/tty, /dev/console, a virtual one, a new one',
    severity: 'high',
    layer: 'own_session, private_devices',
    expected: 'ENXIO or ENOENT for each, and 0, 1 and 2 are none',
    control: 'the same user opens /dev/tty outside the jail, in a session with a terminal',
    gain: 'it reads what is typed there, and writes as if it were jailctl',
    remedy: 'give runs no terminal device but with exec --tty, and a session of their own',
    attempt: (range) =>
      compare(range, {
        attempt: ['open-terminal'],
        control: ['open-terminal', 'own'],
        refusals: ['ENXIO', 'ENOENT', 'EACCES'],
      }),
  },
  {
    id: 'terminal/session',
    title: 'asks in whose session it is',
    severity: 'high',
    layer: 'own_session',
    expected: 'its own',
    control: 'outside the jail, a child is in the session of its parent',
    gain: 'the terminal of whoever started the run, and signals to all of its process group',
    remedy: 'start runs with setsid, as jailctl does',
    attempt: leaveSession,
  },
  {
    id: 'terminal/escape-sequences',
    title: 'has a file with escape sequences in its name come into a message of jailctl',
    severity: 'medium',
    layer: 'the escapes of what jailctl shows',
    expected: 'it is shown with escapes: \\x1b',
    control: 'the result of the run has the name as it is',
    gain: 'it clears the screen, or forges what jailctl says; some terminals run commands by it',
    remedy: 'report this: jailctl writes a name to the terminal as it is',
    moot: ({ engine }) =>
      engine === 'chroot'
        ? 'this engine copies no files, so no name comes into a message'
        : undefined,
    attempt: displayName,
  },
];
