import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestHost } from './host.ts';

/** Where scripts/prepare.mjs puts what this machine lacks. */
const packages = fileURLToPath(new URL('../../.cache/packages/', import.meta.url));

/** The sshd of this machine, or of packages that are unpacked: tar(1) must not replace `/lib`. */
export async function installSshd(host: TestHost): Promise<void> {
  const has = await host.run(['test', '-x', '/usr/sbin/sshd']);
  if (has.exitCode === 0) return;
  for (const name of readdirSync(packages).filter((file) => file.endsWith('.deb'))) {
    await host.ok([
      ...(['sh', '-e', '-c'] as const),
      'dpkg-deb --fsys-tarfile "$1" | tar --extract --directory=/ --keep-directory-symlink',
      ...['sh', `${packages}${name}`],
    ]);
  }
  const account = 'getent passwd sshd || useradd --system --home-dir /run/sshd sshd';
  await host.ok(['sh', '-e', '-c', account]);
}
