import type { Reader } from '../../model/reader.ts';
import { type Check, type Finding, finding } from '../check.ts';

const includesMax = 20;

/** The `session` lines of a service, `@include` and `include` followed (pam.d(5)). */
function sessionModules(reader: Reader, service: string): readonly string[] {
  const modules: string[] = [];
  const files = [service];
  // A list grows while it is walked; a file that includes itself must not make it endless.
  for (const file of files) {
    const text = reader.readText(`/etc/pam.d/${file}`) ?? '';
    for (const line of text.split('\n').map((one) => one.trim())) {
      const included =
        /^@include\s+(\S+)/.exec(line)?.[1] ??
        /^-?session\s+(?:include|substack)\s+(\S+)/.exec(line)?.[1];
      if (included !== undefined && !files.includes(included) && files.length < includesMax) {
        files.push(included);
      }
      const module = /^-?session\s+(?:\[[^\]]*\]|\S+)\s+(\S+)/.exec(line)?.[1];
      if (module !== undefined) modules.push(module);
    }
  }
  return modules;
}

/** sshd takes the first value that it reads (sshd_config(5)), and without one, `no`. */
function usesPam(reader: Reader): boolean {
  const directory = '/etc/ssh/sshd_config.d';
  const lines = (path: string) => (reader.readText(path) ?? '').split('\n');
  const main = lines('/etc/ssh/sshd_config');
  const parts = (reader.list(directory) ?? []).filter((name) => name.endsWith('.conf'));
  const all = main.flatMap((line) =>
    /^\s*include\s+\S*sshd_config\.d\//i.test(line)
      ? parts.flatMap((name) => lines(`${directory}/${name}`))
      : [line],
  );
  // What stands below a Match is for some users only.
  const end = all.findIndex((line) => /^\s*match\s/i.test(line));
  const text = (end === -1 ? all : all.slice(0, end)).join('\n');
  return /^\s*usepam[\s=]+"?yes/im.test(/^\s*usepam.*$/im.exec(text)?.[0] ?? '');
}

function serviceFindings(reader: Reader, service: string, status: Finding['status']) {
  if (reader.lstat(`/etc/pam.d/${service}`) === undefined) return [];
  if (sessionModules(reader, service).some((one) => one.endsWith('pam_limits.so'))) return [];
  const line = 'session required pam_limits.so';
  return [
    finding(
      status,
      `limits of logins are not in force: /etc/pam.d/${service} lacks pam_limits.so`,
      [{ does: 'puts it in', command: `echo '${line}' >>/etc/pam.d/${service}` }],
    ),
  ];
}

/** Limits for logins of jail users are a file that pam_limits(8) reads, and nobody else. */
export const loginLimitsCheck: Check = {
  id: 'login-limits',
  title: 'limits of logins',
  examine: ({ reader, manifest }) => {
    const jails = manifest?.jails ?? [];
    const status = jails.some(({ login }) => login === 'chroot') ? 'problem' : 'warning';
    const hasSshd = reader.lstat('/etc/ssh/sshd_config') !== undefined;
    const remedy = {
      does: 'has sshd ask PAM',
      command: "sed --in-place '1i UsePAM yes' /etc/ssh/sshd_config && systemctl reload ssh",
    };
    return [
      ...(hasSshd ? serviceFindings(reader, 'sshd', status) : []),
      ...serviceFindings(reader, 'login', 'warning'),
      ...(hasSshd && !usesPam(reader)
        ? [
            finding(status, 'limits of logins are not in force over SSH: sshd does not use PAM', [
              remedy,
            ]),
          ]
        : []),
    ];
  },
};
