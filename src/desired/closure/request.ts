import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ToolRequest } from '../../model/manifest.ts';
import { nearestNames } from '../../model/nearest.ts';
import type { Collection } from './collection.ts';
import { nearestCommands } from './command-directories.ts';
import { expandGlob, isGlob } from './glob.ts';
import type { HostView } from './host-view.ts';
import { jailkitSection, jailkitSectionNames, jailkitSectionsPath } from './jailkit.ts';
import { packageFiles } from './package-files.ts';

export interface Target {
  readonly path: string;
  readonly request: ToolRequest;
  /** Somebody wrote just this tool, so that it is a mistake when it can't be taken. */
  readonly named: boolean;
  /** A script that is taken runs in the jail, so its interpreter comes along. */
  readonly wanted: boolean;
  /** Without its content, if it is a directory. */
  readonly only: boolean;
}

interface Request {
  readonly view: HostView;
  readonly collection: Collection;
  readonly request: ToolRequest;
}

/** `did you mean one, two or three?` */
function didYouMean(names: readonly string[]): string | undefined {
  const [last] = names.slice(-1);
  if (last === undefined) return undefined;
  const before = names.slice(0, -1).join(', ');
  return `did you mean ${before === '' ? last : `${before} or ${last}`}?`;
}

function notFound(
  { collection, request }: Request,
  problem: Omit<Diagnostic, 'at'>,
): readonly Target[] {
  if (!request.optional) collection.diagnose({ ...problem, at: request.at });
  return [];
}

function command(context: Request): readonly Target[] {
  const { view, request } = context;
  const name = request.entry;
  const path = name.includes('/') ? undefined : view.reader.which(name);
  if (path !== undefined) return [{ path, request, named: true, wanted: true, only: false }];
  return notFound(context, {
    code: 'tool-not-found',
    message: `${name} is not a command of this host`,
    hint:
      didYouMean(nearestCommands(view, name)) ??
      `install it on this host, or write ?${name} if the jail can do without`,
  });
}

function absolutePath(context: Request): readonly Target[] {
  const { view, request } = context;
  const path = request.entry;
  const resolution = view.resolve(path);
  if (resolution.found) return [{ path, request, named: true, wanted: true, only: false }];
  const why = resolution.why === 'loop' ? 'leads in a circle' : 'is not on this host';
  return notFound(context, {
    code: 'tool-not-found',
    message: `${path} ${why}`,
    hint: `install what brings it, or write ?${path} if the jail can do without`,
  });
}

function glob(context: Request): readonly Target[] {
  const { view, request } = context;
  const paths = expandGlob(view, request.entry);
  if (paths.length === 0) {
    return notFound(context, {
      code: 'glob-without-match',
      message: `nothing on this host matches ${request.entry}`,
      hint: `write ?${request.entry} if the jail can do without`,
    });
  }
  return paths.map((path) => ({ path, request, named: false, wanted: true, only: false }));
}

function packageEntry(context: Request, name: string): readonly Target[] {
  const { view, request } = context;
  const files = packageFiles(view.reader, name);
  if (!files.installed) {
    return notFound(context, {
      code: 'package-not-found',
      message: `package ${name}: ${files.why}`,
      hint: `install the package ${name} on this host`,
    });
  }
  // A package lists the directories it shares with others: its own content is the files in them.
  return files.paths
    .filter((path) => view.lstat(path)?.type !== 'directory')
    .map((path) => {
      const resolution = view.resolve(path);
      const only = resolution.found && resolution.stat.type === 'directory';
      return { path, request, named: false, wanted: false, only };
    });
}

function jailkitPaths({ view, collection, request }: Request, item: string): readonly string[] {
  const path = item.startsWith('/') ? item.replace(/(?<=.)\/+$/, '') : view.reader.which(item);
  if (path !== undefined && view.resolve(path).found) return [path];
  const matches = path !== undefined && isGlob(path) ? expandGlob(view, path) : [];
  if (matches.length === 0) {
    collection.leaveOut(item, `is not on this host; ${request.entry} lists it`);
  }
  return matches;
}

function jailkit(context: Request, name: string): readonly Target[] {
  const { view, collection, request } = context;
  const text = view.reader.readText(jailkitSectionsPath);
  if (text === undefined) {
    return notFound(context, {
      code: 'jailkit-not-found',
      message: `${request.entry}: this host has no ${jailkitSectionsPath}`,
      hint: 'install jailkit on this host, or name the tools themselves',
    });
  }
  const section = jailkitSection(text, name);
  if (section === undefined) {
    const hint = didYouMean(nearestNames(name, jailkitSectionNames(text)));
    return notFound(context, {
      code: 'jailkit-section-not-found',
      message: `${jailkitSectionsPath} has no section ${name}`,
      ...(hint !== undefined && { hint }),
    });
  }
  for (const device of section.devices) {
    collection.leaveOut(device, 'is a device node; every jail has its own small /dev');
  }
  if (section.needsLogSocket) {
    collection.leaveOut(
      '/dev/log',
      'is a socket of the host; programs in a jail can not log to it',
    );
  }
  const target = { request, named: false, wanted: true };
  return [
    ...section.paths.flatMap((item) =>
      jailkitPaths(context, item).map((path) => ({ ...target, path, only: false })),
    ),
    ...section.emptyDirectories.map((path) => ({ ...target, path, only: true })),
  ];
}

/**
 * The paths of the host that a request means. What is not there is told to the collection, unless
 * the request is optional.
 * @throws Failure when a package manager can't be asked
 */
export function targetsOf(
  view: HostView,
  collection: Collection,
  request: ToolRequest,
): readonly Target[] {
  const context = { view, collection, request };
  const { entry } = request;
  if (entry.startsWith('package:')) return packageEntry(context, entry.slice('package:'.length));
  if (entry.startsWith('jailkit:')) return jailkit(context, entry.slice('jailkit:'.length));
  if (!entry.startsWith('/')) return command(context);
  // `/usr/bin/[` is a program.
  return isGlob(entry) && !view.resolve(entry).found ? glob(context) : absolutePath(context);
}
