/**
 * Where programs are looked up, whatever the caller's PATH says: a root program that trusts an
 * inherited PATH runs what a tenant put there.
 */
export const commandDirectories: readonly string[] = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
];
