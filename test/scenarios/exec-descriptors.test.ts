import { expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import { jailctlPath, requirement } from './cli.ts';
import { provision } from './exec-jail.ts';

const manifest = `uids: 87000-87999
jails:
  box: { users: 1, requirements: [${requirement('python3')}] }
`;

/** Climbs through a descriptor of the caller, if it is there. */
const climb = `import os
try: os.fchdir(100)
except OSError as error: print(type(error).__name__)
else: print(sorted(os.listdir('.')))`;

test('a directory that the caller of jailctl has open does not get into a run', async () => {
  await using host = await testHost({ cgroups: true });
  await provision(host, manifest);
  for (const engine of ['chroot', 'runc']) {
    const argv = ['exec', '--engine', engine, 'box', '--', 'python3', '-c', climb];
    const script = 'exec 100</ && exec "$@"';
    const command = ['bash', '-c', script, 'bash', process.execPath, jailctlPath, ...argv] as const;
    expect([engine, await host.ok(command)]).toEqual([engine, 'OSError\n']);
  }
});

test('escape sequences in the name of a command are shown as text', async () => {
  await using host = await testHost({ cgroups: true });
  await provision(host, manifest);
  const { exitCode, stderr } = await host.jailctl(['exec', 'box', '--', '\u001b[31mX']);
  expect([exitCode, stderr]).toEqual([
    127,
    expect.stringMatching(/^jailctl: \\x1b\[31mX: not found in the jail/),
  ]);
});
