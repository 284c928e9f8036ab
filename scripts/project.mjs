// What the scripts share. Runs on Node 20, with nothing installed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root directory of the project, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** The Node that the project is written for, whatever the machine has: the npm package `node`. */
export const pinnedNode = `${root}/node_modules/node/bin/node`;

/** Ends a script with a message instead of a stack. */
export class ScriptError extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a program in the root of the project, with this process's terminal.
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} env
 * @returns {number} its exit code, or 128 and the signal's number
 */
export function run(command, args, env = process.env) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (result.error) throw new ScriptError(`can't run ${command}: ${result.error.message}`);
  return result.status ?? 128 + 15;
}

/** As `run`, with the pinned Node. @param {readonly string[]} args */
export function runNode(args) {
  const path = `${root}/node_modules/.bin:${process.env.PATH}`;
  return run(pinnedNode, args, { ...process.env, PATH: path });
}

/** As `run`, for what must not fail. @param {string} command @param {readonly string[]} args */
export function must(command, args, env = process.env) {
  const status = run(command, args, env);
  if (status !== 0) throw new ScriptError(`${command} ${args.join(' ')} exited with ${status}`);
}

/**
 * Runs the body of a script, and makes what it returns or throws the exit code.
 * @param {() => number | void | Promise<number | void>} body
 */
export async function script(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

/** True when this module is what `node` was started with. @param {string} url its import.meta.url */
export const isMain = (url) => process.argv[1] === fileURLToPath(url);
