import type { Closure } from '../../desired/closure/closure.ts';
import { explainPath, explainTools } from '../../desired/closure/explain.ts';
import { closuresOf } from '../../desired/state.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { nearestNames } from '../../model/nearest.ts';
import { pathDocument, toolsDocument } from '../../report/explain-json.ts';
import { formatPath, formatTools } from '../../report/explain-text.ts';
import type { Context } from '../context.ts';
import { ManifestError } from '../manifest-error.ts';
import type { CommonOptions } from '../options.ts';
import { readManifest } from '../prepare.ts';

function closureOf(
  context: Context,
  file: string,
  name: string,
): { closure: Closure; root: string } {
  const { jails } = readManifest(context, file);
  const jail = jails.find((one) => one.name === name);
  if (jail === undefined) {
    throw new Failure(`the manifest has no jail ${name}`, {
      exitCode: exitCode.usage,
      hint: `jails: ${jails.map((one) => one.name).join(', ') || 'none'}`,
    });
  }
  const closure = closuresOf(context.reader, jails).get(name);
  if (closure === undefined) throw new Error(`jail ${name} has no closure`);
  if (closure.diagnostics.length > 0) throw new ManifestError(closure.diagnostics);
  return { closure, root: jail.path };
}

/** A path as seen inside the jail, or as it is on the host. */
function insideOf(root: string, path: string): string {
  const inside = root !== '/' && path.startsWith(`${root}/`) ? path.slice(root.length) : path;
  return inside.length > 1 ? inside.replace(/\/+$/, '') : inside;
}

/** Says why a path is in a jail, or what each tool brings. */
export function explainCommand(
  context: Context,
  name: string,
  path: string | undefined,
  options: CommonOptions,
): ExitCode {
  const { closure, root } = closureOf(context, options.file, name);
  const json = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`;
  if (path === undefined) {
    const tools = explainTools(name, closure);
    const text = options.json === true ? json(toolsDocument(tools)) : formatTools(tools);
    context.output.result(text);
    return exitCode.done;
  }
  const inside = insideOf(root, path);
  const explanation = explainPath(name, closure, inside);
  if (explanation === undefined) {
    const near = nearestNames(inside, closure.entries.keys());
    throw new Failure(`jail ${name} has no ${inside}`, {
      exitCode: exitCode.usage,
      ...(near.length > 0 ? { hint: `near it: ${near.join(', ')}` } : {}),
    });
  }
  context.output.result(
    options.json === true ? json(pathDocument(explanation)) : formatPath(explanation),
  );
  return exitCode.done;
}
