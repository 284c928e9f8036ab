// What a plan that finds nothing to do reads of a host, and nothing is made of it: neither is a
// manifest read, nor is there a look into the host's programs and libraries. Arguments: the jails.
import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';

const jails = process.argv.slice(2);
const optional = { throwIfNoEntry: false };

/** @param {readonly string[]} argv */
function run([command = '', ...args]) {
  const { status, error } = spawnSync(command, args);
  if (status !== 0) throw error ?? new Error(`${command} ended with ${status}`);
}

/** A path of the jail, and what it is a copy of. @param {string} jail @param {string} path */
function visit(jail, path) {
  const stat = lstatSync(`${jail}${path}`, optional);
  if (path.startsWith('/home/') || path === '/.jailctl') return;
  lstatSync(path || '/', optional);
  if (stat?.isDirectory() !== true) return;
  for (const name of readdirSync(`${jail}${path}`)) visit(jail, `${path}/${name}`);
}

for (const file of ['passwd', 'group', 'shadow', 'gshadow']) readFileSync(`/etc/${file}`);
for (const command of ['iptables-save', 'ip6tables-save']) run([command]);
const attributes = ['getfattr', '--absolute-names', '--no-dereference', '--match=-', '--'];
run([...attributes, '/var/lib/jailctl', '/var/lib/jailctl/scratch', '/var/lib/jailctl/jails']);
run([
  ...attributes,
  '/',
  ...jails.flatMap((jail) => [`${jail}/.jailctl`, `${jail}/.jailctl/scratch`]),
]);
for (const jail of jails) visit(jail, '');
