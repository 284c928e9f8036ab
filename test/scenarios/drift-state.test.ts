import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Drift, type DriftHost, driftHost } from './drift.ts';

const state: readonly Drift[] = [
  {
    name: 'a marker edited',
    harm: `sed -i 's/"refusal": "reject"/"refusal": "drop"/' /web/.jailctl/settings.json`,
    shows: /~ web: its settings differ[\s\S]*-.*"refusal": "drop"[\s\S]*\+.*"refusal": "reject"/,
    rewrites: [/^\/web\/\.jailctl\/settings\.json$/],
  },
  {
    name: 'a marker cut in half',
    harm: `truncate --size 100 /web/.jailctl/settings.json`,
    shows: /~ web: its marker is missing or damaged/,
    rewrites: [/^\/web\/\.jailctl\/settings\.json$/],
  },
  {
    name: 'a marker that is JSON, but no marker',
    harm: `echo '{"format_version": "1.0", "users": {}}' >/web/.jailctl/settings.json`,
    shows: /~ web: its marker is missing or damaged/,
    rewrites: [/^\/web\/\.jailctl\/settings\.json$/],
  },
  {
    name: 'a marker of an older form, without what it can say now',
    harm: `sed -i '/"home":\\|"optional":\\|"tmpSizeBytes":/d' /web/.jailctl/settings.json`,
    shows: /~ web: its marker is missing or damaged/,
    rewrites: [/^\/web\/\.jailctl\/settings\.json$/],
  },
  {
    name: 'a marker removed',
    harm: 'rm /web/.jailctl/settings.json',
    shows: /~ web: its marker is missing or damaged/,
  },
  {
    name: 'a marker opened to everybody',
    harm: 'chmod 0666 /web/.jailctl/settings.json',
    shows: /~ web: .*settings\.json has mode 0666, wanted 0600/,
    rewrites: [/^\/web\/\.jailctl\/settings\.json$/],
  },
  {
    name: 'a marker replaced by a symlink',
    harm: `mv /web/.jailctl/settings.json /run/settings.json
      ln -s /run/settings.json /web/.jailctl/settings.json`,
    shows: /~ web: its marker is missing or damaged/,
    rewrites: [/^\/web\/\.jailctl\/settings\.json$/],
  },
  {
    name: 'a marker replaced by a directory',
    harm: 'rm /web/.jailctl/settings.json; mkdir -p /web/.jailctl/settings.json/deep',
    shows: /~ web: it has leftovers: .*settings\.json; its marker is missing or damaged/,
    rewrites: [/^\/web\/\.jailctl\/settings\.json$/],
  },
  {
    name: 'the private directory of a jail opened to everybody',
    harm: 'chmod 0777 /web/.jailctl',
    shows: /~ web: \/web\/\.jailctl has mode 0777, wanted 0700/,
  },
  {
    name: 'the scratch directory of a jail removed, and a file with it',
    harm: 'rmdir /web/.jailctl/scratch; rm /web/usr/bin/ls',
    shows: /~ web: \/web\/\.jailctl\/scratch is missing/,
  },
  {
    name: 'the scratch directory of a jail opened to everybody',
    harm: 'chmod 0777 /web/.jailctl/scratch',
    shows: /~ web: \/web\/\.jailctl\/scratch has mode 0777, wanted 0700/,
  },
  {
    name: 'the scratch directory of a jail opened to one user by an ACL',
    harm: 'setfacl -m u:72002:rwx,d:u:72002:rwx /web/.jailctl/scratch',
    shows: /~ web: \/web\/\.jailctl\/scratch has (?:mode 0770|system\.posix_acl_access)/,
  },
  {
    name: 'something put into the private directory of a jail',
    harm: 'mkdir /web/.jailctl/more; touch /web/.jailctl/more/file',
    shows: /~ web: it has leftovers: \/web\/\.jailctl\/more$/m,
  },
  {
    name: 'a half-written file left by an interrupted run',
    harm: 'echo half >/web/.jailctl/scratch/new',
    shows: /~ web: it has leftovers: \/web\/\.jailctl\/scratch\/new$/m,
  },
  {
    name: 'a half-removed tree left by an interrupted run',
    harm: 'mkdir -p /web/.jailctl/scratch/old/deep; touch /web/.jailctl/scratch/old/deep/file',
    shows: /~ web: it has leftovers: \/web\/\.jailctl\/scratch\/old$/m,
  },
  {
    name: 'a staging directory left by an interrupted run',
    harm: 'mkdir -m 0700 /.jailctl-web; mkdir -p /.jailctl-web/new/.jailctl/scratch',
    shows: /~ web: it has leftovers: \/\.jailctl-web\/new, \/\.jailctl-web$/m,
  },
  {
    name: 'the entry of a jail in the register removed',
    harm: 'rm /var/lib/jailctl/jails/web',
    shows: /~ web: it is missing in the register/,
  },
  {
    name: 'a jail removed whole',
    harm: 'rm -r /web',
    shows: /~ web: its directory is missing[\s\S]*tree of web: \d+ to create/,
  },
  {
    name: 'a jail removed whole, and its entry in the register too',
    harm: 'rm -r /web /var/lib/jailctl/jails/web',
    shows: /\+ web at \/web, 3 users[\s\S]*tree of web: \d+ to create/,
  },
  {
    name: 'the record of UIDs removed',
    harm: 'rm /var/lib/jailctl/pool.json',
    shows: /~ pool of UIDs: it records nothing, wanted UIDs 72000-72999, next 72005/,
  },
  {
    name: 'the record of UIDs damaged',
    harm: 'echo harm >/var/lib/jailctl/pool.json',
    shows: /~ pool of UIDs: it records nothing, wanted UIDs 72000-72999, next 72005/,
    rewrites: [/^\/var\/lib\/jailctl\/pool\.json$/],
  },
  {
    name: 'the state directory removed whole',
    harm: 'rm -r /var/lib/jailctl',
    shows: /\+ pool of UIDs\n[\s\S]*~ judge: it is missing in the register/,
  },
  {
    name: 'the state directory opened to everybody',
    harm: 'chmod 0777 /var/lib/jailctl /var/lib/jailctl/jails',
    shows: /~ pool of UIDs: \/var\/lib\/jailctl has mode 0777, wanted 0700/,
    rewrites: [/^\/var\/lib\/jailctl\/pool\.json$/],
  },
  {
    name: 'a half-written file left in the state directory',
    harm: 'echo half >/var/lib/jailctl/scratch/new',
    shows: /~ pool of UIDs: it has leftovers: \/var\/lib\/jailctl\/scratch\/new/,
    rewrites: [/^\/var\/lib\/jailctl\/pool\.json$/],
  },
  {
    name: 'the limits of logins edited',
    harm: "sed -i 's/nproc 64/nproc 9999/' /etc/security/limits.d/jailctl.conf",
    shows: /~ limits of logins: its text differs[\s\S]*-72000:72001 hard nproc 9999/,
    rewrites: [/^\/etc\/security\/limits\.d\/jailctl\.conf$/],
  },
  {
    name: 'the limits of logins removed',
    harm: 'rm /etc/security/limits.d/jailctl.conf',
    shows: /\+ limits of logins/,
  },
];

describe("what happens to jailctl's own files is shown in the plan, and healed:", () => {
  let host: DriftHost;
  beforeAll(async () => {
    host = await driftHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.for(state)('$name', (drift) => host.expectHealed(drift));
});
