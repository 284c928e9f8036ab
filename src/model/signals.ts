/** signal(7), from 1: the numbers of x86 and ARM. */
const names = [
  ...['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE'],
  ...['SIGKILL', 'SIGUSR1', 'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT'],
  ...['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU'],
  ...['SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR', 'SIGSYS'],
];

/** The first real-time signal of the kernel. C libraries keep a few of them for themselves. */
const realTimeFirst = 32;
const last = 64;

/** `SIGKILL` for 9, `SIGRTMIN+2` for 34 (with the kernel's SIGRTMIN, 32). */
export function signalName(signal: number): string {
  return names[signal - 1] ?? `SIGRTMIN+${signal - realTimeFirst}`;
}

const numbers: ReadonlyMap<string, number> = new Map(
  Array.from({ length: last }, (_, index) => [signalName(index + 1), index + 1]),
);

/** The reverse of signalName. */
export function signalNumber(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new RangeError(`there is no signal ${name}`);
  return number;
}
