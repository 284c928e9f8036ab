import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = new URL('../../', import.meta.url);
const pathIn = (path: string) => fileURLToPath(new URL(path, project));

/** What a host needs on which jailctl and its tests run, by Debian's names. */
const packages = [
  ...['systemd-sysv', 'udev', 'dbus', 'linux-image-cloud-amd64', 'initramfs-tools', 'kmod'],
  ...['passwd', 'attr', 'util-linux', 'iptables', 'iproute2', 'python3-minimal'],
  ...['libpam-systemd', 'openssh-server', 'cron', 'crun', 'runc'],
];

const recipe = [
  ...['mmdebstrap', '--mode=root', '--variant=apt', '--quiet', `--include=${packages.join(',')}`],
  ...['--aptopt=Apt::Install-Recommends "false"', '--aptopt=Acquire::Languages "none"'],
  ...['man', 'doc', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
  'bookworm',
] as const;

function run(argv: readonly [string, ...string[]]): void {
  const [command, ...args] = argv;
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** The guest's file system as its packages make it. That takes minutes, so it is kept. */
function debianTree(): string {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  const tree = pathIn(`.cache/vm/${key}`);
  if (existsSync(tree)) return tree;
  const fresh = `${tree}.${process.pid}`;
  mkdirSync(pathIn('.cache/vm'), { recursive: true });
  try {
    run([...recipe, fresh]);
    renameSync(fresh, tree);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return tree;
}

/** What is started in the guest beside Debian's own. */
const started = [
  'basic.target.wants/vm-first-packets.service',
  'multi-user.target.wants/systemd-networkd.service',
  'multi-user.target.wants/vm-script.service',
];

/** What qemu boots. */
export interface Image {
  readonly kernel: string;
  readonly initrd: string;
  /** A raw image of an ext4 file system: what a guest writes stays in it. */
  readonly disk: string;
}

/**
 * Makes a disk with Debian, jailctl in /opt/jailctl, and Node.
 * @param directory of its own for each image
 */
export function makeImage(directory: string): Image {
  const tree = debianTree();
  const opt = `${tree}/opt/jailctl`;
  rmSync(opt, { recursive: true, force: true });
  const verbatim = { recursive: true, verbatimSymlinks: true } as const;
  for (const name of ['dist', 'schemas', 'requirements', 'jails.yaml', 'package.json']) {
    cpSync(pathIn(name), `${opt}/${name}`, verbatim);
  }
  cpSync(process.execPath, `${tree}/usr/local/bin/node`);
  cpSync(pathIn('test/vm/guest'), tree, verbatim);
  const units = `${tree}/etc/systemd/system`;
  for (const link of started) {
    mkdirSync(dirname(`${units}/${link}`), { recursive: true });
    rmSync(`${units}/${link}`, { force: true });
    // systemd(1) goes by the name of the link: where a unit really is, it knows.
    symlinkSync(`../${basename(link)}`, `${units}/${link}`);
  }
  const disk = `${directory}/disk`;
  run(['truncate', '--size=2G', disk]);
  run(['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=1', '-d', tree, disk]);
  const boot = readdirSync(`${tree}/boot`);
  const file = (prefix: string) =>
    `${tree}/boot/${boot.find((name) => name.startsWith(prefix)) ?? prefix}`;
  return { kernel: file('vmlinuz-'), initrd: file('initrd.img-'), disk };
}
