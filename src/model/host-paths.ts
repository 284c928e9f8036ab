/** jailctl's own state on the host: mode 0700, root's. It goes with the last jail. */
export const stateDirectory = '/var/lib/jailctl';

/** One symlink a jail, named as the jail, to the jail's directory: where to look for markers. */
export const registerDirectory = `${stateDirectory}/jails`;

/** Files of the state directory are written here before they are renamed into place. */
export const stateScratch = `${stateDirectory}/scratch`;
export const stateTemporary = `${stateScratch}/new`;

/** Which UID the next jail user gets, so that none is used twice while others are free. */
export const poolFile = `${stateDirectory}/pool.json`;

/** Puts the packet rules in force again at boot. */
export const bootScript = `${stateDirectory}/restore-rules`;

/** Where a boot service and what starts it lie, by what starts programs at boot. */
export const bootServices = {
  systemd: {
    service: '/etc/systemd/system/jailctl-rules.service',
    temporary: '/etc/systemd/system/.jailctl-new',
    start: '/etc/systemd/system/sysinit.target.wants/jailctl-rules.service',
    target: '../jailctl-rules.service',
  },
  sysv: {
    service: '/etc/init.d/jailctl-rules',
    temporary: '/etc/init.d/.jailctl-new',
    /** insserv(8) chooses the number. */
    start: '/etc/rcS.d/S*jailctl-rules',
    target: '../init.d/jailctl-rules',
  },
} as const;

/** What jailctl changed, and for whom: it outlives the jails. */
export const journalDirectory = '/var/log/jailctl';
export const journalFile = `${journalDirectory}/journal.log`;

const oldJournalsMax = 5;

/** The journal, and older ones, from the newest to the oldest. */
export const journalFiles: readonly string[] = [
  journalFile,
  ...Array.from({ length: oldJournalsMax }, (_, index) => `${journalFile}.${index + 1}`),
];

/** A record that `destroy` could take away would be none: so it is what jailctl leaves on purpose. */
export function isOfJournal(path: string): boolean {
  return path === journalDirectory || path.startsWith(`${journalDirectory}/`);
}

/**
 * What `setup` installed, root's alone. Not in the state directory, which goes with the last jail:
 * `setup --remove` comes after that.
 */
export const setupDirectory = '/var/lib/jailctl-setup';
export const setupRecord = `${setupDirectory}/record.json`;
export const setupTemporary = `${setupDirectory}/new`;

/** pam_limits(8) reads every `*.conf` here, in the order of their names. */
export const loginLimitsDirectory = '/etc/security/limits.d';
export const loginLimitsFile = `${loginLimitsDirectory}/jailctl.conf`;
export const loginLimitsTemporary = `${loginLimitsDirectory}/.jailctl-new`;

/** Where sshd(8) finds its own configuration, and what packages and jailctl add to it. */
export const sshdConfigFile = '/etc/ssh/sshd_config';
export const sshdDropInDirectory = '/etc/ssh/sshd_config.d';
export const sshdDropInFile = `${sshdDropInDirectory}/jailctl.conf`;
/** No `*.conf`: sshd passes over them. The second is tried before it gets its name. */
export const sshdDropInTemporary = `${sshdDropInDirectory}/.jailctl-new`;
export const sshdDropInTried = `${sshdDropInDirectory}/.jailctl-tried`;

/**
 * A file of public keys for each jail with logins. sshd reads it with the rights of the user who
 * logs in, so it can't be in the state directory, which is root's alone.
 */
export const loginKeysDirectory = '/etc/ssh/jailctl';
export const loginKeysTemporary = '/etc/ssh/.jailctl-new';

export function loginKeysFile(jail: string): string {
  return `${loginKeysDirectory}/${jail}`;
}

/** The shell that puts whoever logs in into the jail: `jk_chrootsh`(8) of Jailkit. */
export const chrootShell = '/usr/sbin/jk_chrootsh';

/** The new content of an account file lies beside it until it is renamed into place. */
export function accountTemporary(file: 'passwd' | 'group' | 'shadow' | 'gshadow'): string {
  return `/etc/${file}.jailctl-new`;
}

/** The last part of a path; `/` has none. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory that holds `path`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1));
}

/** Joins a directory and an absolute path below it, without doubling the slash. */
export function below(directory: string, path: string): string {
  return directory === '/' ? path : path === '/' ? directory : `${directory}${path}`;
}

/** The root-only directory of a jail. The jail's tools and its users never see inside. */
export function privateDirectory(jailPath: string): string {
  return `${jailPath}/.jailctl`;
}

/** The jail's settings as they were applied. That it is there marks the jail as jailctl's. */
export function markerFile(jailPath: string): string {
  return `${privateDirectory(jailPath)}/settings.json`;
}

/** New files of a jail are written here, and doomed trees are moved here. */
export function jailScratch(jailPath: string): string {
  return `${privateDirectory(jailPath)}/scratch`;
}

/** Is it the name that a doomed tree has in a scratch directory? */
export function isDoomed(name: string): boolean {
  return /^old(?:\.\d+)?$/.test(name);
}

export function jailTemporary(jailPath: string): string {
  return `${jailScratch(jailPath)}/new`;
}

/**
 * A root-only directory beside a jail: a new jail gets its marker there before it takes its place,
 * and an old one is moved there before it is removed.
 */
export function stagingDirectory(jailPath: string): string {
  return below(parentOf(jailPath), `/.jailctl-${baseName(jailPath)}`);
}

/** Held by whoever changes the host. */
export const lockPath = '/run/jailctl.lock';

/** What runs need while they run: mode 0700, root's; gone when nothing runs. */
export const runsDirectory = '/run/jailctl';

/** One lock file for each user that is leased to a run. */
export const leasesDirectory = `${runsDirectory}/leases`;

/** One directory for each leased user. */
export const bundlesDirectory = `${runsDirectory}/bundles`;

export function leaseFile(user: string): string {
  return `${leasesDirectory}/${user}`;
}

/** The bundle and the pipes of a user's run, and all else that belongs to it. */
export function bundleDirectory(user: string): string {
  return `${bundlesDirectory}/${user}`;
}

/** There as long as a run of the user goes on. */
export function bundleConfigFile(user: string): string {
  return `${bundleDirectory(user)}/config.json`;
}

/** A symlink to a file on its way out of the user's run, as long as that is not whole. */
export function partialFileNote(user: string): string {
  return `${bundleDirectory(user)}/partial`;
}

/**
 * Where the OCI runtime keeps the state of the user's run. For each user its own: runtimes make the
 * directory, and use it a moment later, when the end of another run may have removed it.
 */
export function runtimeStateDirectory(user: string): string {
  return `${bundleDirectory(user)}/runtime`;
}

/** The group of all runs, in the root of each cgroup hierarchy. */
export const runsGroup = 'jailctl';

/** The group of one user's run, which has its limits. */
export function runGroup(user: string): string {
  return `${runsGroup}/${user}`;
}

/** The group of a run that a script of `exec --print` starts: a runtime removes its own only. */
export function scriptGroup(user: string): string {
  return `jailctl-${user}`;
}

/** Names a user's run for an OCI runtime. */
export function containerName(user: string): string {
  return `jailctl-${user}`;
}
