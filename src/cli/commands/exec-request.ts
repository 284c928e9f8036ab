import { resolve } from 'node:path';
import { exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { quote } from '../../model/problem.ts';
import type { EngineName } from '../../model/settings.ts';
import { parseCopy, parseIn } from '../../run/copies.ts';
import { parseVariable } from '../../run/environment.ts';
import { type RunRequest, requireGood } from '../../run/jail-runner.ts';
import { parseLimitOverride } from '../../run/limits.ts';
import type { Context } from '../context.ts';

export interface ExecOptions {
  readonly file?: string;
  readonly strict?: boolean;
  readonly engine?: EngineName;
  readonly limit?: readonly string[];
  readonly allowRaise?: boolean;
  readonly env?: readonly string[];
  readonly in?: readonly string[];
  readonly copyIn?: readonly string[];
  readonly copyOut?: readonly string[];
  readonly wait?: boolean;
  readonly freshHome?: boolean;
  readonly cleanHome?: boolean;
  readonly tty?: boolean;
  readonly batch?: string;
  readonly print?: boolean;
  readonly meta?: string;
  readonly json?: boolean;
}

/** `JAIL` or `JAIL/USER`. */
export interface Target {
  readonly jail: string;
  readonly user?: string;
}

/** @throws Failure with exit code 3 */
export function parseTarget(text: string): Target {
  const [jail = '', user, ...rest] = text.split('/');
  if (jail === '' || user === '' || rest.length > 0) {
    throw new Failure(`${quote(text)} is neither JAIL nor JAIL/USER`, {
      exitCode: exitCode.usage,
      hint: 'jailctl exec web -- ls; jailctl exec web/web1 -- ls',
    });
  }
  return user === undefined ? { jail } : { jail, user };
}

/** What holds for every program of a command line. @throws Failure with exit code 3 */
export function requestOf(
  context: Context,
  { user }: Target,
  options: ExecOptions,
): Omit<RunRequest, 'argv'> {
  const onHost = (path: string) => resolve(context.workingDirectory, path);
  const copiesIn = [
    ...(options.in ?? []).map(parseIn),
    ...(options.copyIn ?? []).map((text) => parseCopy(text, 'in')),
  ];
  const copiesOut = (options.copyOut ?? []).map((text) => parseCopy(text, 'out'));
  const limits = (options.limit ?? []).map(parseLimitOverride);
  const variables = (options.env ?? []).map(parseVariable);
  requireGood<unknown>([...limits, ...variables, ...copiesIn, ...copiesOut]);
  const [copies, results] = [requireGood(copiesIn), requireGood(copiesOut)];
  return {
    ...(user !== undefined && { user }),
    limits: requireGood(limits),
    allowRaise: options.allowRaise === true,
    variables: requireGood(variables),
    ...(options.freshHome === true && { home: 'fresh' }),
    cleanHome: options.cleanHome === true,
    copyIn: copies.map(({ from, to }) => ({ from: onHost(from), to })),
    copyOut: results.map(({ from, to }) => ({ from, to: onHost(to) })),
  };
}
