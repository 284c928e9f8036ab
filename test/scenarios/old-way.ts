import type { TestHost } from '../rig/host.ts';
import { shell } from './jails.ts';

/** A jail as the old scripts around Jailkit made it. */
export interface OldJail {
  readonly name: string;
  readonly users: number;
  /** Commands and directories of the host, one each as in their requirement lists. */
  readonly tools: readonly string[];
}

/** What the old scripts wrote into /etc/rc.local, to cut a user off again after a boot. */
export function oldBootLine(user: string): string {
  return `iptables -A OUTPUT -m owner --uid-owner ${user} -j DROP`;
}

/**
 * Makes jails the old way, with the real Jailkit: `/NAME` with each tool copied, users that are
 * jailed, one packet rule for each, and a line in /etc/rc.local that puts it back.
 */
export async function makeOldJails(host: TestHost, jails: readonly OldJail[]): Promise<void> {
  await shell(host, "printf '#!/bin/sh\\necho booted\\n' >/etc/rc.local; chmod 0755 /etc/rc.local");
  for (const { name, users, tools } of jails) {
    const numbers = Array.from({ length: users }, (_, index) => index + 1);
    const script = `
      exec >/dev/null 2>&1
      jk_init -j /${name} basicshell
      ${tools.length === 0 ? '' : `jk_cp -j /${name} ${tools.join(' ')}`}
      mkdir -p /${name}/tmp; chmod 1777 /${name}/tmp
      for user in ${numbers.map((number) => `${name}${number}`).join(' ')}; do
        useradd --create-home $user
        jk_jailuser -m -j /${name} -s /bin/bash $user
        ${oldBootLine('$user')}
        echo "${oldBootLine('$user')}" >>/etc/rc.local
      done`;
    await shell(host, script);
  }
}

/** Everything about the homes of a jail but access times. */
export function homesOf(host: TestHost, jail: string): Promise<string> {
  return shell(
    host,
    `cd /${jail}/home && find . -mindepth 1 -printf '%p %y %m %U:%G %n %l %s %T@\\n' | sort
     find . -type f -exec sha256sum {} + | sort`,
  );
}

/** Files of a user that an import must not touch: data, an odd mode, an old time, a link. */
export const tenantData = `
  cd /jail/home/jail1
  echo precious >work; chmod 0640 work; ln -s /etc/passwd link; mkdir -m 0711 deep
  echo more >deep/file; chmod 0606 deep/file; ln work hard
  touch -d '2001-02-03 04:05:06.123456789' work deep/file deep
  chown -h jail1: work link deep deep/file
  touch -d '2002-03-04 05:06:07' .`;
