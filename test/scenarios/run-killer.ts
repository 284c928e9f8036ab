// Runs in a throwaway host that has the jail `many` with eight users: runs programs there, four at a
// time, and kills a part of what each run consists of at a moment that chance decides. Prints what
// happened, as JSON. Arguments: the command that starts jailctl, a seed, the number of runs.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What is killed, from nothing to all of it. */
export const victims = [
  'nothing',
  'program',
  'init',
  'runtime',
  'janitor',
  'jailctl',
  'jailctl and janitor',
  'all',
] as const;

export type Victim = (typeof victims)[number];

/** What the driver prints. */
export interface Tally {
  /** How often there was something to kill, by what it was. */
  readonly killed: Readonly<Partial<Record<Victim, number>>>;
  /** How many runs ended well. */
  readonly well: number;
  /** What must not have happened, for a person. */
  readonly complaints: readonly string[];
}

const workers = 4;
const momentMsMax = 600;
const pollMs = 5;

/** The processes below another one that a run consists of. */
type Parts = Readonly<Record<'janitor' | 'runtime' | 'init' | 'program', readonly number[]>>;

/** A small random generator with a seed (mulberry32): numbers from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [, parent] = textOf(`/proc/${name}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ');
    const siblings = children.get(Number(parent)) ?? [];
    children.set(Number(parent), [...siblings, Number(name)]);
  }
  return children;
}

function partsOf(jailctl: number, hasRuntime: boolean): Parts {
  const children = childrenByParent();
  const below = (pids: readonly number[]) => pids.flatMap((pid) => children.get(pid) ?? []);
  const isJanitor = (pid: number) => textOf(`/proc/${pid}/cmdline`).includes('jailctl-janitor');
  const started = children.get(jailctl) ?? [];
  const engine = started.filter((pid) => !isJanitor(pid));
  return {
    janitor: started.filter(isJanitor),
    runtime: engine,
    init: hasRuntime ? below(engine) : [],
    program: hasRuntime ? below(below(engine)) : engine,
  };
}

function doomed(victim: Victim, jailctl: number, hasRuntime: boolean): readonly number[] {
  const { janitor, runtime, init, program } = partsOf(jailctl, hasRuntime);
  switch (victim) {
    case 'nothing':
      return [];
    case 'program':
      return program;
    case 'init':
      return init;
    case 'runtime':
      return runtime;
    case 'janitor':
      return janitor;
    case 'jailctl':
      return [jailctl];
    case 'jailctl and janitor':
      return [...janitor, jailctl];
    case 'all':
      return [...janitor, jailctl, ...runtime, ...init, ...program];
  }
}

/** @returns whether at least one was there to be killed */
function kill(pids: readonly number[]): boolean {
  const hits = pids.filter((pid) => {
    try {
      return process.kill(pid, 'SIGKILL');
    } catch {
      return false;
    }
  });
  return hits.length > 0;
}

/** It says so when another run of the same user goes on beside it. */
const program = `
claim() { echo "$0" >~/new && mv ~/new ~/owner; }
claim
(while :; do claim; sleep 0.05; done) &
for look in 1 2 3 4; do
  sleep 0.1
  read -r owner <~/owner
  [ "$owner" = "$0" ] || echo "$0 overlaps $owner"
done
echo "$0 ends"
`;

const [node = '', jailctl = '', seed = '1', count = '1'] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const killed: Partial<Record<Victim, number>> = {};
const complaints: string[] = [];
let well = 0;
let next = 0;

async function runOne(id: string): Promise<void> {
  const victim = victims[Math.floor(random() * victims.length)] as Victim;
  const hasRuntime = random() < 0.75;
  const momentMs = random() * momentMsMax;
  const awaits = random() < 0.5 && victim !== 'nothing';
  const engine = hasRuntime ? [] : ['--engine', 'chroot'];
  const argv = [jailctl, 'exec', '--wait', ...engine, 'many', '--', 'sh', '-c', program, id];
  const child = spawn(node, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk);
    });
  }
  // Not 'close': what is left of a killed run may hold the pipes open.
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  // From the start of jailctl, or from when there is something to kill.
  while (
    awaits &&
    child.exitCode === null &&
    doomed(victim, child.pid as number, hasRuntime).length === 0
  ) {
    await delay(pollMs);
  }
  await Promise.race([delay(momentMs), ended]);
  const wasHit = kill(doomed(victim, child.pid as number, hasRuntime));
  if (wasHit) killed[victim] = (killed[victim] ?? 0) + 1;
  const status = await ended;
  const about = `run ${id} (${hasRuntime ? 'runtime' : 'chroot'}, ${victim} after ${Math.round(momentMs)} ms)`;
  if (said.includes('overlaps')) complaints.push(`${about}: ${said}`);
  if (status === 0) well++;
  else if (!wasHit || victim === 'janitor')
    complaints.push(`${about}: exit code ${status}: ${said}`);
}

async function work(): Promise<void> {
  while (next < Number(count)) await runOne(String(next++));
}

await Promise.all(Array.from({ length: workers }, work));
console.log(JSON.stringify({ killed, well, complaints } satisfies Tally));
