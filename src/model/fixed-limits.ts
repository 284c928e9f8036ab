const kib = 2 ** 10;

/** Limits of each process in a run that no jail chooses, by the names of prlimit(1). */
export const fixedLimits: Readonly<Record<string, number>> = {
  memlock: 64 * kib,
  msgqueue: 800 * kib,
  sigpending: 4096,
  nice: 0,
  rtprio: 0,
};
