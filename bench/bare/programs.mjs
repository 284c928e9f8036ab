// The programs that `jailctl exec` starts, one after the other: what locks the user, mkfifo, and the
// runtime. Nothing is looked at, and nothing limited. Arguments: the runtime's command.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';

const directory = '/run/jailctl-bench';
const pipes = ['stdin', 'stdout', 'stderr', 'status', 'lifeline'];
const paths = pipes.map((name) => `${directory}/${name}`);

/** @param {readonly string[]} argv */
async function run([command = '', ...args]) {
  const [status] = await once(spawn(command, args, { stdio: 'ignore' }), 'close');
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

const lock = 'exec 3>"$1"; flock --exclusive 3; echo locked; read -r _; rm -f -- "$1"';
const holder = spawn('sh', ['-c', lock, 'sh', `${directory}/lock`]);
await once(holder.stdout, 'data');
await run(['mkfifo', '--', ...paths]);
for (const path of paths) rmSync(path);
await run(process.argv.slice(2));
holder.stdin.end('released\n');
await once(holder, 'close');
