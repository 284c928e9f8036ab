// Brings what the project needs to run: npm packages, and programs of the host. Runs on Node 20,
// with nothing installed. `node scripts/prepare.mjs [demo|bench|test|vm]`
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { isMain, must, pinnedNode, root, ScriptError, script } from './project.mjs';

/**
 * What programs of the host are needed for. Each needs what those before it need, too.
 * @typedef {'demo' | 'bench' | 'test' | 'vm'} Purpose
 * @type {readonly Purpose[]}
 */
const purposes = ['demo', 'bench', 'test', 'vm'];

/**
 * Programs of the host, with the Debian packages that bring each, separated by spaces.
 * @type {readonly { program: string, package: string, for: Purpose, why: string }[]}
 */
const hostPrograms = [
  { program: 'unshare', package: 'util-linux', for: 'demo', why: 'makes a throwaway host' },
  { program: 'nsenter', package: 'util-linux', for: 'demo', why: 'runs programs in one' },
  { program: 'setpriv', package: 'util-linux', for: 'demo', why: 'runs programs as a jail user' },
  { program: 'mount', package: 'mount', for: 'demo', why: 'makes a throwaway host' },
  { program: 'iptables', package: 'iptables', for: 'demo', why: 'cuts off the network of a jail' },
  { program: 'getfattr', package: 'attr', for: 'demo', why: 'shows what changed, xattrs too' },
  { program: 'vipw', package: 'passwd', for: 'demo', why: 'the host has account tools' },
  { program: 'python3', package: 'python3', for: 'demo', why: 'the tool in the example jail' },
  { program: 'gcc', package: 'gcc libc6-dev', for: 'demo', why: 'compiles native/init.c' },
  { program: 'crun', package: 'crun', for: 'bench', why: 'the other OCI runtime' },
  { program: 'bwrap', package: 'bubblewrap', for: 'bench', why: 'another sandbox, to compare' },
  { program: 'mkfs.ext4', package: 'e2fsprogs', for: 'bench', why: 'a disk, and that of a guest' },
  { program: 'mkfs.xfs', package: 'xfsprogs', for: 'bench', why: 'a disk with reflinks' },
  { program: 'mkfs.btrfs', package: 'btrfs-progs', for: 'bench', why: 'another one' },
  { program: 'jk_init', package: 'jailkit', for: 'bench', why: 'its jk_init.ini, and to compare' },
  {
    program: 'ansible-playbook',
    package: 'ansible-core python3-apt',
    for: 'bench',
    why: 'to compare, and makes jails on several hosts',
  },
  { program: 'findmnt', package: 'util-linux', for: 'test', why: 'lists mounts for comparison' },
  { program: 'ip', package: 'iproute2', for: 'test', why: 'gives a throwaway host addresses' },
  { program: 'ps', package: 'procps', for: 'test', why: 'shows that no process is left' },
  {
    program: 'setfacl',
    package: 'acl',
    for: 'test',
    why: 'sources with ACLs, which must not come',
  },
  { program: 'setcap', package: 'libcap2-bin', for: 'test', why: 'sources with capabilities' },
  {
    program: 'ssh',
    package: 'openssh-client',
    for: 'test',
    why: 'logs in to jails, and for Ansible',
  },
  { program: 'strace', package: 'strace', for: 'test', why: 'kills jailctl at a system call' },
  { program: 'readelf', package: 'binutils', for: 'test', why: 'a second opinion on ELF files' },
  { program: 'runc', package: 'runc', for: 'demo', why: 'runs programs in a jail' },
  { program: 'zsh', package: 'zsh', for: 'test', why: 'a shell that completes jailctl' },
  { program: 'fish', package: 'fish', for: 'test', why: 'a shell that completes jailctl' },
  { program: 'mandoc', package: 'mandoc', for: 'test', why: 'finds faults in man pages' },
  { program: 'groff', package: 'groff', for: 'test', why: 'another one that formats them' },
  { program: 'rpmbuild', package: 'rpm', for: 'test', why: 'makes a package of the other kind' },
  { program: 'perl', package: 'perl', for: 'test', why: 'an interpreter with modules, to jail' },
  { program: 'sudo', package: 'sudo', for: 'test', why: 'the workflow of README is run with it' },
  {
    program: 'qemu-system-x86_64',
    package: 'qemu-system-x86',
    for: 'vm',
    why: 'boots a guest',
  },
  {
    program: 'mmdebstrap',
    package: 'mmdebstrap debian-archive-keyring',
    for: 'vm',
    why: 'makes the guest',
  },
];

/** Packages that are unpacked on throwaway hosts only: here, a server would start when installed. */
const unpacked = {
  program: 'sshd',
  package: 'openssh-server',
  why: 'logins to jails, and Ansible',
};

/** Where they lie, with all that they need and this machine lacks. */
const packagesDirectory = `${root}/.cache/packages`;

// An ordinary user's PATH lacks the sbin directories.
const programDirectories = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];

/** @param {string} name */
export function hasProgram(name) {
  return programDirectories.some((directory) => {
    try {
      accessSync(`${directory}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {string} path @returns {Record<string, { version: string, optional?: boolean }>} */
function lockedPackages(path) {
  const { '': _project, ...packages } = JSON.parse(readFileSync(path, 'utf8')).packages;
  return packages;
}

/** True when node_modules holds the very versions of package-lock.json. */
function hasNodePackages() {
  // npm writes down here what it installed.
  const record = `${root}/node_modules/.package-lock.json`;
  if (!existsSync(record) || !existsSync(pinnedNode)) return false;
  const installed = lockedPackages(record);
  return Object.entries(lockedPackages(`${root}/package-lock.json`)).every(
    ([path, { version, optional }]) =>
      path in installed ? installed[path].version === version : optional,
  );
}

/** Installs the npm packages of package-lock.json, unless they are there. */
export function prepareNodePackages() {
  if (hasNodePackages()) return;
  console.error('installing npm packages');
  must('npm', ['ci', '--loglevel=error', '--no-fund', '--no-audit']);
  if (existsSync(pinnedNode)) return;
  throw new ScriptError('npm did not run the install script of the package node: npm rebuild node');
}

/** What stands before a program's name to start it as root; undefined where that can't be. */
function asRoot() {
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot && !hasProgram('sudo')) return undefined;
  const environment = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  return isRoot ? environment : ['sudo', ...environment];
}

/** Fetches the packages that tests unpack on throwaway hosts. Nothing is installed. */
function fetchPackages() {
  const { program, package: name, why } = unpacked;
  if (hasProgram(program)) return;
  mkdirSync(`${packagesDirectory}/partial`, { recursive: true });
  if (readdirSync(packagesDirectory).some((file) => file.endsWith('.deb'))) return;
  console.error(`missing: ${program} (${why}); fetching ${name}, not installing it`);
  const command = asRoot();
  if (!hasProgram('apt-get') || command === undefined) {
    throw new ScriptError(`install this with your package manager (Debian's name): ${name}`, 7);
  }
  const [first, ...prefix] = command;
  must(first, [...prefix, 'apt-get', 'update', '--quiet=2']);
  const install = ['install', '--yes', '--quiet=2', '--no-install-recommends', '--download-only'];
  const place = ['-o', `Dir::Cache::archives=${packagesDirectory}/`];
  must(first, [...prefix, 'apt-get', ...install, ...place, name]);
}

/**
 * Installs the programs of the host that are missing. Nothing is removed or upgraded.
 * @param {Purpose} purpose
 */
export function prepareHost(purpose) {
  if (purpose === 'test') fetchPackages();
  const needed = purposes.slice(0, purposes.indexOf(purpose) + 1);
  const missing = hostPrograms.filter(
    (one) => needed.includes(one.for) && !hasProgram(one.program),
  );
  if (missing.length === 0) return;
  for (const { program, why } of missing) console.error(`missing: ${program} (${why})`);
  const packages = [...new Set(missing.flatMap((one) => one.package.split(' ')))];
  if (!hasProgram('apt-get')) {
    throw new ScriptError(
      `install these with your package manager (Debian's names): ${packages.join(' ')}`,
      7,
    );
  }
  const prefixed = asRoot();
  if (prefixed === undefined) {
    throw new ScriptError(`run as root: apt-get install ${packages.join(' ')}`, 7);
  }
  const [command, ...prefix] = prefixed;
  console.error(`installing ${packages.join(' ')}`);
  must(command, [...prefix, 'apt-get', 'update', '--quiet=2']);
  const install = ['install', '--yes', '--quiet=2', '--no-install-recommends'];
  must(command, [...prefix, 'apt-get', ...install, ...packages]);
}

if (isMain(import.meta.url)) {
  await script(() => {
    const [wanted = 'test'] = process.argv.slice(2);
    const purpose = purposes.find((one) => one === wanted);
    if (purpose === undefined) {
      throw new ScriptError(`usage: prepare.mjs [${purposes.join('|')}]`, 3);
    }
    prepareNodePackages();
    prepareHost(purpose);
  });
}
