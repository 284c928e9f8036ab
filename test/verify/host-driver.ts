// Runs in a throwaway host, and does what its second argument says: `open` opens what the host does
// for a verification, `turn` takes the turn, `place` puts a program into the directory that is the
// third argument. Each says so, and keeps it until SIGUSR2; SIGUSR1 interrupts `turn`. Its PID is in
// the file that the first argument names.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { placeHelper } from '../../src/host/verify/place-helper.ts';
import { takeTurn } from '../../src/host/verify/turn.ts';
import { openVerifyHost } from '../../src/host/verify/verify-host.ts';

const packageRoot = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const [pidFile = '', what, directory = ''] = process.argv.slice(2);
const interrupt = new AbortController();
process.on('SIGUSR1', () => interrupt.abort());
// Node ends when nothing is left to wait for.
const alive = setInterval(() => {}, 1000);
const toldToEnd = once(process, 'SIGUSR2');
writeFileSync(pidFile, String(process.pid));

switch (what) {
  case 'open': {
    await using host = await openVerifyHost(packageRoot);
    console.log('opened', host.directory, host.canary().path);
    await toldToEnd;
    break;
  }
  case 'turn': {
    console.log('waiting');
    using _turn = await takeTurn(interrupt.signal);
    console.log(interrupt.signal.aborted ? 'interrupted' : 'taken');
    if (!interrupt.signal.aborted) await toldToEnd;
    break;
  }
  case 'place': {
    using placed = placeHelper('/bin/true', directory);
    console.log('placed', placed.path);
    await toldToEnd;
    break;
  }
}
clearInterval(alive);
