import { type Problem, quote } from './problem.ts';

/** Why an environment variable may not have this name, or undefined. */
export function variableNameProblem(name: string): Problem | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return {
      code: 'env-name',
      message: `${quote(name)} can't be the name of an environment variable`,
      hint: 'a name is letters, digits and _, with no digit first',
    };
  }
  // What starts a program in a jail gets this environment too, before it has given up its rights.
  // GLIBC_TUNABLES: CVE-2023-4911. GCONV_PATH: CVE-2021-4034.
  if (name.startsWith('LD_') || name === 'GLIBC_TUNABLES' || name === 'GCONV_PATH') {
    return {
      code: 'env-loader',
      message: `${name} is refused: it tells the loader to run other code, and the programs that build the jail would obey it as root`,
      hint: 'set it inside the jail, in a script that starts the program',
    };
  }
  return undefined;
}

/** Why an environment variable may not have this value, or undefined. */
export function variableValueProblem(name: string, value: string): Problem | undefined {
  if (value.includes('\0')) {
    return {
      code: 'env-value',
      message: `the value of ${name} has a NUL character, and execve(2) would end it there`,
    };
  }
  if (!value.isWellFormed()) {
    return { code: 'env-value', message: `the value of ${name} is not well-formed Unicode` };
  }
  return undefined;
}
