import type { HostPackage } from '../model/inventory.ts';
import type { Reader } from '../model/reader.ts';

const infoDirectory = '/var/lib/dpkg/info';
const statusFile = '/var/lib/dpkg/status';
const diversionsFile = '/var/lib/dpkg/diversions';

/** Fields of os-release(5). */
function osRelease(reader: Reader): Readonly<Record<string, string>> {
  const text = reader.readText('/etc/os-release') ?? '';
  const fields = [...text.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)];
  return Object.fromEntries(fields.map(([, name = '', , value = '']) => [name, value]));
}

/**
 * A path as the kernel finds it, where a directory in / is a link: packages still call it
 * `/lib/libc.so.6` where `/lib` is `usr/lib`.
 */
function throughTopLinks(reader: Reader): (path: string) => string {
  const targets = new Map<string, string>();
  return (path) => {
    const end = path.indexOf('/', 1);
    if (end === -1) return path;
    const top = path.slice(0, end);
    let target = targets.get(top);
    if (target === undefined) {
      const isLink = reader.lstat(top)?.type === 'symlink';
      target = isLink ? new URL(reader.readLink(top), 'file:///').pathname : top;
      targets.set(top, target);
    }
    return target + path.slice(end);
  };
}

interface Diversion {
  readonly to: string;
  readonly by: string;
}

/** Files that a package has moved out of the way of its own: three lines each (dpkg-divert(1)). */
function readDiversions(reader: Reader): ReadonlyMap<string, Diversion> {
  const lines = (reader.readText(diversionsFile) ?? '').split('\n');
  const diversions = new Map<string, Diversion>();
  for (let index = 0; index + 2 < lines.length; index += 3) {
    const [from = '', to = '', by = ''] = lines.slice(index, index + 3);
    diversions.set(from, { to, by });
  }
  return diversions;
}

/** The installed packages of Debian's status file (deb822(5)), by the names of their lists. */
function readInstalled(reader: Reader): ReadonlyMap<string, HostPackage> {
  const { ID: vendor = 'debian', VERSION_ID: release } = osRelease(reader);
  const found = new Map<string, HostPackage>();
  for (const stanza of (reader.readText(statusFile) ?? '').split('\n\n')) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
    const [name, version, architecture] = ['Package', 'Version', 'Architecture'].map(field);
    // Of one that was removed, only settings are left.
    if (!name || !version || !architecture || !/ installed$/.test(field('Status') ?? '')) continue;
    for (const list of [name, `${name}:${architecture}`]) {
      found.set(list, {
        ...({ type: 'deb', vendor, name, version, architecture } as const),
        ...(release !== undefined && { distribution: `${vendor}-${release}` }),
        source: `${infoDirectory}/${list}.list`,
      });
    }
  }
  return found;
}

type Owners = ReadonlyMap<string, HostPackage>;

function dpkgOwners(reader: Reader, wanted: ReadonlySet<string>): Owners {
  const installed = readInstalled(reader);
  const diversions = readDiversions(reader);
  const resolve = throughTopLinks(reader);
  const owners = new Map<string, HostPackage>();
  for (const file of reader.list(infoDirectory) ?? []) {
    const owner = installed.get(file.replace(/\.list$/, ''));
    if (owner === undefined || !file.endsWith('.list')) continue;
    for (const line of (reader.readText(`${infoDirectory}/${file}`) ?? '').split('\n')) {
      const diversion = diversions.get(line);
      const isMoved = diversion !== undefined && diversion.by !== owner.name;
      const path = resolve(isMoved ? diversion.to : line);
      if (wanted.has(path)) owners.set(path, owner);
    }
  }
  return owners;
}

/** A line for each file of every package (rpm(8), QUERY OPTIONS). */
const rpmFormat = '[%{FILENAMES}\t%{=NAME}\t%{=EPOCHNUM}\t%{=VERSION}-%{=RELEASE}\t%{=ARCH}\n]';

function rpmOwners(reader: Reader, wanted: ReadonlySet<string>): Owners {
  if (reader.which('rpm') === undefined) return new Map();
  const { ID: vendor = 'rpm', VERSION_ID: release } = osRelease(reader);
  const { stdout } = reader.query(['rpm', '--query', '--all', '--queryformat', rpmFormat]);
  const resolve = throughTopLinks(reader);
  const owners = new Map<string, HostPackage>();
  for (const line of stdout.split('\n')) {
    const [file = '', name, epoch, version, architecture] = line.split('\t');
    const path = resolve(file);
    if (!wanted.has(path) || !name || !version || !architecture) continue;
    owners.set(path, {
      ...({ type: 'rpm', vendor, name, version, architecture } as const),
      ...(epoch !== undefined && epoch !== '0' && { epoch }),
      ...(release !== undefined && { distribution: `${vendor}-${release}` }),
      source: 'rpm --query --all',
    });
  }
  return owners;
}

/**
 * The packages that own these paths of the host, by path. The records are read in bulk: a process
 * for each file would take minutes. A host may have both managers.
 */
export function packageOwners(reader: Reader, paths: Iterable<string>): Owners {
  const wanted = new Set(paths);
  return new Map([...rpmOwners(reader, wanted), ...dpkgOwners(reader, wanted)]);
}
