/** jailctl's own state on the host: mode 0700, root's. It goes with the last jail. */
export const stateDirectory = '/var/lib/jailctl';

/** One symlink a jail, named as the jail, to the jail's directory: where to look for markers. */
export const registerDirectory = `${stateDirectory}/jails`;

/** Files of the state directory are written here before they are renamed into place. */
export const stateScratch = `${stateDirectory}/scratch`;
export const stateTemporary = `${stateScratch}/new`;

/** Which UID the next jail user gets, so that none is used twice while others are free. */
export const poolFile = `${stateDirectory}/pool.json`;

/** pam_limits(8) reads every `*.conf` here, in the order of their names. */
export const loginLimitsDirectory = '/etc/security/limits.d';
export const loginLimitsFile = `${loginLimitsDirectory}/jailctl.conf`;
export const loginLimitsTemporary = `${loginLimitsDirectory}/.jailctl-new`;

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

/** What runs need while they run: mode 0700, root's; gone at the next boot. */
export const runsDirectory = '/run/jailctl';

/** One lock file for each user that is leased to a run. */
export const leasesDirectory = `${runsDirectory}/leases`;

/** One directory for each leased user: the bundle and the pipes of its run. */
export const bundlesDirectory = `${runsDirectory}/bundles`;

/** Where OCI runtimes keep the state of what they run. */
export const runtimeStateDirectory = `${runsDirectory}/runtime`;
