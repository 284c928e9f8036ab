import { commandText } from '../../model/shell-text.ts';
import { type Check, finding } from '../check.ts';

const profilesPath = '/sys/kernel/security/apparmor/profiles';

/**
 * AppArmor profiles that hold the runtimes themselves. That unprivileged users may make no user
 * namespaces, as on Ubuntu 24.04, does not matter: jailctl is root, and makes none.
 */
export const profilesCheck: Check = {
  id: 'apparmor',
  title: 'AppArmor profiles of the runtimes',
  needsRoot: true,
  examine: ({ reader, runs }) => {
    // `/usr/sbin/runc (enforce)`
    const lines = (reader.readText(profilesPath) ?? '').split('\n');
    const enforced = lines.flatMap((line) => /^(.*) \(enforce\)$/.exec(line)?.[1] ?? []);
    const names = runs.engines.flatMap(({ name, path }) =>
      path === undefined || name === 'chroot' ? [] : [name, path],
    );
    return enforced
      .filter((profile) => names.includes(profile))
      .map((profile) =>
        finding('warning', `AppArmor holds ${profile} to its profile, and may stop runs`, [
          { does: 'shows what it stopped', command: 'journalctl --dmesg --grep=apparmor' },
          { does: 'only notes it', command: commandText(['aa-complain', profile]) },
        ]),
      );
  },
};
