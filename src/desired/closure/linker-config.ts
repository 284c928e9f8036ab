import { expandGlob } from './glob.ts';
import type { HostView } from './host-view.ts';
import type { Machine } from './machine.ts';

const configPath = '/etc/ld.so.conf';
const includesMax = 256;

/**
 * The directories of /etc/ld.so.conf in their order, `include` lines followed: ldconfig(8), and
 * parse_conf in glibc's elf/ldconfig.c. The old `hwcap` lines mean nothing any more.
 */
export function configuredDirectories(view: HostView): readonly string[] {
  const directories = new Set<string>();
  const seen = new Set<string>();
  const readConfig = (path: string): void => {
    if (seen.has(path) || seen.size >= includesMax) return;
    seen.add(path);
    const resolution = view.resolve(path);
    if (!resolution.found || resolution.stat.type !== 'file') return;
    for (const line of (view.reader.readText(resolution.path) ?? '').split('\n')) {
      const [word = '', ...more] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (word === 'include') {
        for (const pattern of more) {
          const absolute = pattern.startsWith('/') ? pattern : `/etc/${pattern}`;
          expandGlob(view, absolute).forEach(readConfig);
        }
      } else if (word.startsWith('/')) {
        directories.add(word.replace(/=.*/, '').replace(/(?<=.)\/+$/, ''));
      }
    }
  };
  readConfig(configPath);
  return [...directories];
}

/** Where musl's dynamic linker looks: `/etc/ld-musl-ARCH.path`, or what is compiled into it. */
export function muslDirectories(view: HostView, machine: Machine | undefined): readonly string[] {
  const text = machine && view.reader.readText(`/etc/ld-musl-${machine.musl}.path`);
  return text === undefined
    ? ['/lib', '/usr/local/lib', '/usr/lib']
    : text.split(/[:\n]/).filter((directory) => directory.startsWith('/'));
}
