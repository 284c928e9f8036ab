import type { Answer } from '../../../model/probe-answer.ts';
import { outcomeText } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Action, Range } from '../../range.ts';
import { type Finding, noControl } from '../../verdict.ts';
import { numberOf } from '../common.ts';
import { limits, runInside, tryExcess, unless } from './bounds.ts';

/** As many as an OCI runtime itself can work under (run/bundle.ts). */
const openMax = 64;
const openWanted = openMax + 16;

/** `64 EMFILE`: how many were open when no more could be had. */
function openAtTheEnd(answer: Answer, kind: string): number {
  return Number.parseInt(answer.facts.get(kind) ?? '', 10);
}

function open(range: Range, kinds: readonly string[]): Promise<Finding> {
  return tryExcess(range, {
    control: ['open-many', String(openWanted), ...kinds],
    inside: { limits: limits({ open_files: openMax }) },
    judge: (answer) => {
      const said = kinds.map((kind) => `${kind} ${answer.facts.get(kind)}`).join(', ');
      const other = kinds.filter((kind) => !/ (?:EMFILE|done)$/.test(answer.facts.get(kind) ?? ''));
      if (other.length > 0) throw new Error(`refused for another reason: ${said}`);
      const over = kinds.filter((kind) => openAtTheEnd(answer, kind) > openMax);
      return unless(
        `with a limit of ${openMax}: ${said}`,
        over.length > 0 && `more than ${openMax}: ${over.join(', ')}`,
      );
    },
  });
}

/** What the kernel holds for a user, under a limit that every run has. */
interface Held {
  readonly action: 'queue-messages' | 'queue-signals' | 'make-timers';
  /** How many are tried. */
  readonly wanted: number;
  /** How many there may be at most. */
  readonly most: number;
  /** A limit under which there are fewer. */
  readonly less: number;
}

/**
 * Is it the limit that decides how many there are? Where root may raise it, there are as many as are
 * wanted. Where nobody may, fewer under a lower one show the same.
 */
async function follows(range: Range, { action, wanted, less }: Held): Promise<string | undefined> {
  const run = (limit: string) =>
    range.host.outside([action, String(wanted), limit], { isolated: true });
  const raised = await run('raise');
  if (raised.outcome === 'done') return `outside ${wanted}`;
  const lowered = await run(String(less));
  const [high, low] = [numberOf(raised, 'made'), numberOf(lowered, 'made')];
  if (low >= high) return undefined;
  return `outside, where the limit can't be raised, ${high}, and ${low} under a lower one`;
}

async function hold(range: Range, held: Held): Promise<Finding> {
  const { action, wanted, most } = held;
  const control = await follows(range, held);
  if (control === undefined) return noControl('outside the jail no limit makes a difference');
  const attempt: Action = [action, String(wanted)];
  const answer = await runInside(range, attempt, {});
  const made = numberOf(answer, 'made');
  return unless(
    `${made}, then ${outcomeText(answer)}; ${control}`,
    made > most && `more than ${most}`,
  );
}

const common = {
  severity: 'low',
  control: 'under a higher limit there are more outside the jail, or fewer under a lower one',
  gain: 'memory of the kernel that no other limit counts',
  remedy: 'take an OCI runtime as engine, or lower the limit of the session that starts jailctl',
} as const;

export const kernelBoundProbes: readonly Probe[] = [
  {
    id: 'resources/open-files',
    title: 'opens files without end',
    severity: 'medium',
    layer: 'open_files',
    expected: 'EMFILE at exactly the limit',
    control: 'the same user opens more outside the jail',
    gain: 'all files that the kernel can have open: nobody else can open one',
    remedy: 'the engine did not set RLIMIT_NOFILE: look at its configuration',
    attempt: (range) => open(range, ['file']),
  },
  {
    id: 'resources/descriptors',
    title: 'has pipes, sockets, epoll, inotify, event and timer descriptors without end',
    severity: 'medium',
    layer: 'open_files',
    expected: 'EMFILE at exactly the limit, for each of them',
    control: 'the same user has more outside the jail',
    gain: 'memory of the kernel: each of them holds some',
    remedy: 'the engine did not set RLIMIT_NOFILE: look at its configuration',
    attempt: (range) => open(range, ['pipe', 'socket', 'epoll', 'inotify', 'eventfd', 'timerfd']),
  },
  {
    ...common,
    id: 'resources/message-queues',
    title: 'makes POSIX message queues without end',
    layer: 'RLIMIT_MSGQUEUE',
    expected: 'EMFILE beyond 800 KiB',
    attempt: (range) =>
      hold(range, { action: 'queue-messages', wanted: 20, most: 10, less: 256 * 2 ** 10 }),
  },
  {
    ...common,
    id: 'resources/pending-signals',
    title: 'queues signals to itself without end',
    layer: 'RLIMIT_SIGPENDING',
    expected: 'EAGAIN beyond 4096',
    attempt: (range) =>
      hold(range, { action: 'queue-signals', wanted: 5000, most: 4096, less: 1000 }),
  },
  {
    ...common,
    id: 'resources/timers',
    title: 'makes timers without end',
    layer: 'RLIMIT_SIGPENDING',
    expected: 'EAGAIN beyond 4096',
    attempt: (range) =>
      hold(range, { action: 'make-timers', wanted: 5000, most: 4096, less: 1000 }),
  },
];
