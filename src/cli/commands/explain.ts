import { posix } from 'node:path';
import type { Closure } from '../../desired/closure/closure.ts';
import { explainPath, explainTools } from '../../desired/closure/explain.ts';
import { inventory } from '../../desired/inventory.ts';
import { closuresOf } from '../../desired/state.ts';
import { ownDirectories, ownEntries } from '../../desired/tree.ts';
import type { TreeEntry } from '../../kinds/tree/entry.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import type { PathExplanation } from '../../model/explanation.ts';
import { Failure } from '../../model/failure.ts';
import type { ManifestJail } from '../../model/manifest.ts';
import { namesHint, nearestNames } from '../../model/nearest.ts';
import { pathDocument, toolsDocument } from '../../report/explain-json.ts';
import { formatPath, formatTools } from '../../report/explain-text.ts';
import { jsonText } from '../../report/json-text.ts';
import { sbomDocument } from '../../report/sbom-json.ts';
import type { Context } from '../context.ts';
import { ManifestError } from '../manifest-error.ts';
import type { CommonOptions } from '../options.ts';
import { readManifest } from '../prepare.ts';

function closureOf(
  context: Context,
  file: string,
  name: string,
): { closure: Closure; jail: ManifestJail } {
  const { jails } = readManifest(context, file);
  const jail = jails.find((one) => one.name === name);
  if (jail === undefined) {
    throw new Failure(`the manifest has no jail ${name}`, {
      exitCode: exitCode.usage,
      hint: namesHint(
        name,
        jails.map((one) => one.name),
        'jails',
      ),
    });
  }
  const closure = closuresOf(context.reader, jails).get(name);
  if (closure === undefined) throw new Error(`jail ${name} has no closure`);
  if (closure.diagnostics.length > 0) throw new ManifestError(closure.diagnostics);
  return { closure, jail };
}

/** A path as seen inside the jail, or as it is on the host. */
function insideOf(root: string, path: string): string {
  const inside = root !== '/' && path.startsWith(`${root}/`) ? path.slice(root.length) : path;
  return posix.resolve('/', inside);
}

/** What jailctl makes without being asked, but for directories. */
function madeEntries(context: Context, jail: ManifestJail, closure: Closure) {
  // The names of the users tell their homes; which UIDs they get does not matter here.
  const users = Array.from({ length: jail.users }, (_, index) => ({
    name: `${jail.name}${index + 1}`,
    uid: 0,
  }));
  return ownEntries(context.reader, { users, network: jail.network }, closure);
}

/** Paths that jailctl makes without being asked, with their types. */
function madePaths(
  context: Context,
  jail: ManifestJail,
  closure: Closure,
): ReadonlyMap<string, TreeEntry['type']> {
  const directories = ownDirectories.filter((path) => !closure.entries.has(path));
  const own = madeEntries(context, jail, closure);
  return new Map([
    ...directories.map((path) => [path, 'directory'] as const),
    ...own.map(([path, { type }]) => [path, type] as const),
  ]);
}

/** Follows the links to directories on the way: `/bin/sh` is `/usr/bin/sh` where `/bin` is a link. */
function throughLinks(closure: Closure, path: string): string {
  const directory = posix.dirname(path);
  if (directory === path) return path;
  const parent = throughLinks(closure, directory);
  const entry = closure.entries.get(parent)?.entry;
  const real = entry?.type === 'symlink' ? posix.resolve(parent, '..', entry.target) : parent;
  return posix.join(real, posix.basename(path));
}

function explain(
  context: Context,
  jail: ManifestJail,
  closure: Closure,
  asked: string,
): PathExplanation {
  const path = throughLinks(closure, insideOf(jail.path, asked));
  const made = madePaths(context, jail, closure);
  const type = made.get(path);
  // What jailctl makes takes the place of what a tool brings under the same name.
  if (type !== undefined)
    return { jail: jail.name, path, type, chain: [{ path, because: 'made' }] };
  const explanation = explainPath(jail.name, closure, path);
  if (explanation !== undefined) return explanation;
  const near = nearestNames(path, [...closure.entries.keys(), ...made.keys()]);
  throw new Failure(`jail ${jail.name} has no ${path}`, {
    exitCode: exitCode.usage,
    ...(near.length > 0 ? { hint: `near it: ${near.join(', ')}` } : {}),
  });
}

/** Says why a path is in a jail, or what each tool brings. */
export function explainCommand(
  context: Context,
  name: string,
  path: string | undefined,
  options: CommonOptions,
): ExitCode {
  const { closure, jail } = closureOf(context, options.file, name);
  const json = (document: unknown) => jsonText(document, 2);
  if (path === undefined) {
    const tools = explainTools(name, closure);
    const text = options.json === true ? json(toolsDocument(tools)) : formatTools(tools);
    context.output.result(text);
    return exitCode.done;
  }
  const explanation = explain(context, jail, closure, path);
  context.output.result(
    options.json === true ? json(pathDocument(explanation)) : formatPath(explanation),
  );
  return exitCode.done;
}

/**
 * Prints what a jail is made of, as CycloneDX.
 * @param version of jailctl
 * @param environment SOURCE_DATE_EPOCH in it is the time of the document (reproducible-builds.org)
 */
export function sbomCommand(
  context: Context,
  name: string,
  file: string,
  version: string,
  environment: NodeJS.ProcessEnv,
): ExitCode {
  const { closure, jail } = closureOf(context, file, name);
  const made = madeEntries(context, jail, closure);
  const epoch = environment['SOURCE_DATE_EPOCH'] ?? '';
  const time = /^\d{1,11}$/.test(epoch) ? new Date(Number(epoch) * 1000) : undefined;
  const bill = inventory(context.reader, name, closure, made);
  context.output.result(jsonText(sbomDocument(bill, version, time), 2));
  return exitCode.done;
}
