/** What the probe program said: facts by name, and how its attempt came out. */
export interface Answer {
  /** `done` when what was tried worked; else the name of the errno(3) that refused it: `EPERM`. */
  readonly outcome: string;
  /** In the order in which they were said; the last one of a name counts. */
  readonly facts: ReadonlyMap<string, string>;
  /** All that was written, stdout and stderr. */
  readonly output: string;
}

/** Nothing that the program says is `none`: it was ended before it could say anything. */
export const noOutcome = 'none';

/**
 * Reads the lines `NAME VALUE` of the probe program. What is not of that form is no fact, so a
 * program that is cut off in the middle of a line, or writes anything else, tells nothing wrong.
 * @param complaints its standard error, which has no facts
 */
export function parseAnswer(stdout: string, complaints = ''): Answer {
  const facts = new Map<string, string>();
  for (const line of stdout.split('\n').slice(0, -1)) {
    const match = /^([a-z][a-z0-9_-]*)(?: (.*))?$/.exec(line);
    if (match?.[1] !== undefined) facts.set(match[1], match[2] ?? '');
  }
  return { outcome: facts.get('outcome') ?? noOutcome, facts, output: stdout + complaints };
}
