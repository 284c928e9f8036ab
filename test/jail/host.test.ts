import { expect, test } from 'vitest';
import { testHost } from '../rig/host.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  plan,
  shell,
  writeManifest,
} from '../scenarios/jails.ts';

const ofAnOlderForm = `sed -i '/"home":\\|"optional":\\|"tmpSizeBytes":/d' /web/.jailctl/settings.json`;

test('a jail whose marker is of an older form is brought up to date, or destroyed', async () => {
  await using host = await testHost();
  await writeManifest(host, 'uids: 89000-89999\njails: { web: { users: 2, tools: [sh] } }\n');
  await apply(host);
  await shell(host, ofAnOlderForm);
  const { text } = await plan(host);
  expect(text).toContain('web: its marker is missing or damaged');
  expect(text).toContain('Plan: 0 to create, 1 to update, 0 to delete.');
  await apply(host);
  await expectNothingToDo(host);
  expect(await shell(host, 'cat /web/.jailctl/settings.json')).toContain('"home": "keep"');
  await shell(host, ofAnOlderForm);
  await destroy(host);
  expect(await shell(host, 'ls -d /web /var/lib/jailctl 2>/dev/null || true')).toBe('');
});

test('a change of what a manifest says of runs is planned and applied', async () => {
  await using host = await testHost();
  const jail = (more: string) =>
    writeManifest(host, `uids: 89000-89999\njails: { web: { users: 1, tools: [sh]${more} } }\n`);
  await jail('');
  await apply(host);
  const limits = 'limits: { cpus: 0.5, tmp_size: 1MiB, disk: 2MiB }';
  await jail(`, engine: runc, home: fresh, optional: [seccomp, cpus], ${limits}`);
  const { text } = await plan(host);
  expect(text).toContain('web: its settings differ');
  for (const line of [
    /^ *\+ +"engine": "runc",$/m,
    /^ *- +"home": "keep",$/m,
    /^ *\+ +"home": "fresh",$/m,
    /^ *\+ +"cpus",$/m,
    /^ *\+ +"cpus": 0\.5,$/m,
    /^ *\+ +"diskBytes": 2097152,$/m,
    /^ *\+ +"tmpSizeBytes": 1048576,$/m,
  ]) {
    expect(text).toMatch(line);
  }
  await apply(host);
  await expectNothingToDo(host);
});
