import { parentOf } from '../../model/host-paths.ts';
import type { HostView } from './host-view.ts';

/** The launcher's library: `<home>/lib/libjli.so`, in Java 8 one or two directories deeper. */
const launcherLibrary = /^(.+?)\/lib(?:\/[^/]+){0,2}\/libjli\.so$/;

/** What a Java runtime opens below its home, and the sources of its library, which it does not. */
const parts = ['conf', 'release'];
const sources = 'src.zip';

/**
 * What a Java launcher loads from its own home by path: the virtual machine, the class library,
 * and settings (java.c of OpenJDK, "GetJREPath"). Its ELF header names libjli.so only.
 */
export function javaHomePaths(view: HostView, library: string): readonly string[] {
  const home = launcherLibrary.exec(library)?.[1];
  if (home === undefined || parentOf(home) === '/') return [];
  return [
    ...parts.map((name) => `${home}/${name}`),
    ...view
      .list(`${home}/lib`)
      .filter((name) => name !== sources)
      .map((name) => `${home}/lib/${name}`),
  ];
}
