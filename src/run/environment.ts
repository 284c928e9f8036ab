import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import { variableNameProblem, variableValueProblem } from '../model/environment.ts';
import { quote } from '../model/problem.ts';
import type { JailSettings, JailUser } from '../model/settings.ts';

export type Environment = Readonly<Record<string, string>>;

/** What every program has, unless the jail or the caller says otherwise. */
function baseEnvironment(user: JailUser): Environment {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: `/home/${user.name}`,
    USER: user.name,
    LOGNAME: user.name,
    // The one locale that every C library has built in and that knows more than ASCII.
    LANG: 'C.UTF-8',
  };
}

/** Checks the name and the value of a variable. */
export function checkVariable(
  name: string,
  value: string,
): Checked<readonly [name: string, value: string]> {
  const problem = variableNameProblem(name) ?? variableValueProblem(name, value);
  if (problem !== undefined) return { ok: false, diagnostics: [problem] };
  return { ok: true, value: [name, value] };
}

/** Reads what follows `--env`: `NAME=value`. The value may be empty, and may have an equals sign. */
export function parseVariable(text: string): Checked<readonly [name: string, value: string]> {
  const equals = text.indexOf('=');
  if (equals === -1) {
    const diagnostic: Diagnostic = {
      code: 'env-form',
      message: `${quote(text)} is a name without a value`,
      hint: `nothing of the caller's environment gets into a run by itself: --env NAME="$NAME"`,
    };
    return { ok: false, diagnostics: [diagnostic] };
  }
  return checkVariable(text.slice(0, equals), text.slice(equals + 1));
}

/**
 * The whole environment of a run: nothing of it comes from the process that starts the run. The
 * jail's variables win over what every program has, and the caller's over those.
 */
export function runEnvironment(
  jail: Pick<JailSettings, 'env'>,
  user: JailUser,
  variables: readonly (readonly [name: string, value: string])[],
): Environment {
  return { ...baseEnvironment(user), ...jail.env, ...Object.fromEntries(variables) };
}
