import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Image } from './image.ts';

/** What a command of a script printed, stderr too, and its exit code. */
export interface Reported {
  readonly text: string;
  readonly exitCode: number;
}

const diskBlockBytes = 512;
/** Without KVM and on a busy machine, a boot takes a minute. */
const bootMsMax = 600_000;

/** What `report NAME …` printed, by name (guest/usr/local/lib/vm/run-script). */
function reportsOf(output: string): ReadonlyMap<string, Reported> {
  const reports = new Map<string, Reported>();
  let text = '';
  for (const line of output.replaceAll('\r', '').split('\n')) {
    const [, name, exitCode] = /^(\S+) ended (\d+)$/.exec(line) ?? [];
    if (name === undefined) {
      text += `${line.replace(/^\S+> /, '')}\n`;
      continue;
    }
    reports.set(name, { text, exitCode: Number(exitCode) });
    text = '';
  }
  return reports;
}

/** The script is the second disk: it needs no file system. */
function writeScript(path: string, script: string): void {
  const bytes = Buffer.byteLength(script);
  writeFileSync(path, script + '\n'.repeat(diskBlockBytes - (bytes % diskBlockBytes)));
}

/**
 * Boots a guest from the image, runs a script in it when all services are up, and turns it off.
 * Emulated, not by KVM: that is missing in most virtual machines, and broken in some.
 * @param script shell text, run by root; it tells by `report NAME COMMAND…` what it finds
 * @param options for its kernel
 * @throws Error with the end of the console when it did not come to the end of the script
 */
export async function boot(
  { kernel, initrd, disk }: Image,
  script: string,
  options: readonly string[] = [],
): Promise<ReadonlyMap<string, Reported>> {
  const [scriptDisk, output, consoleFile] = ['script', 'output', 'console'].map(
    (name) => `${disk}.${name}`,
  ) as [string, string, string];
  writeScript(scriptDisk, `${script}\nreport end true\n`);
  const drive = (path: string) => ['-drive', `file=${path},if=virtio,format=raw`];
  const kernelLine = ['root=/dev/vda', 'rw', 'console=ttyS0', 'panic=-1', 'quiet', ...options];
  const argv = [
    // It ends with the test, however that ends.
    ...['--pdeathsig', 'KILL', 'qemu-system-x86_64'],
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-no-reboot', '-display', 'none', '-kernel', kernel, '-initrd', initrd],
    ...['-append', kernelLine.join(' '), ...drive(disk), ...drive(scriptDisk)],
    ...['-serial', `file:${consoleFile}`, '-serial', `file:${output}`],
    ...['-nic', 'user,model=virtio-net-pci', '-device', 'virtio-rng-pci'],
  ];
  const signal = AbortSignal.timeout(bootMsMax);
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  const guest = spawn('setpriv', argv, { stdio: [...stdio], signal });
  const [exitCode] = await once(guest, 'close').catch((error: unknown) => [error]);
  const reports = reportsOf(readFileSync(output, 'utf8'));
  if (exitCode === 0 && reports.has('end')) return reports;
  const tail = (path: string) => readFileSync(path, 'utf8').slice(-4000);
  throw new Error(`the guest ended early (${exitCode})\n${tail(consoleFile)}\n${tail(output)}`);
}
