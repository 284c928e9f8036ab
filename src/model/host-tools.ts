/** The Debian package that brings a tool, where its name does not say so. */
export const packageOfTool: Readonly<Record<string, string>> = {
  'iptables-save': 'iptables',
  'ip6tables-save': 'iptables',
  'iptables-restore': 'iptables',
  'ip6tables-restore': 'iptables',
  getfattr: 'attr',
  setfattr: 'attr',
  vipw: 'passwd',
  find: 'findutils',
  xargs: 'findutils',
  flock: 'util-linux',
  prlimit: 'util-linux',
  setpriv: 'util-linux',
  setsid: 'util-linux',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  du: 'coreutils',
  timeout: 'coreutils',
  rm: 'coreutils',
  cp: 'coreutils',
  mknod: 'coreutils',
  mkfifo: 'coreutils',
};

/** What a run that changes the host may need, from its first look at the host to its last. */
export const toolsOfAChange: readonly string[] = [
  'iptables-save',
  'ip6tables-save',
  'iptables-restore',
  'ip6tables-restore',
  'getfattr',
  'du',
  'flock',
  'vipw',
  'setpriv',
  'xargs',
  'mknod',
  'cp',
  'rm',
];

/** What runs of programs in jails, their verification and throwaway hosts need besides. */
export const toolsOfRuns: readonly string[] = ['find', 'nsenter', 'prlimit', 'setsid', 'unshare'];
