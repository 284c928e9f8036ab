import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Drift, type DriftHost, driftHost } from './drift.ts';

const anyAccountFile = [/^\/etc\/(?:passwd|group|shadow|gshadow)$/];
const shadow = [/^\/etc\/shadow$/];
const passwd = [/^\/etc\/passwd$/];
const groups = [/^\/etc\/(?:group|gshadow)$/];

const accounts: readonly Drift[] = [
  {
    name: 'a user deleted by userdel, who gets the same UID again',
    harm: 'userdel web2 2>/dev/null',
    shows: /\+ web2 \(UID 72003\)/,
    rewrites: anyAccountFile,
  },
  {
    name: 'a user deleted by userdel together with its home',
    harm: 'userdel --remove web2 2>/dev/null',
    shows: /\+ web2 \(UID 72003\)[\s\S]*\+ \/home\/web2/,
    rewrites: anyAccountFile,
  },
  {
    name: 'the last user of all deleted, who gets the same UID again',
    harm: 'userdel web3 2>/dev/null',
    shows: /\+ web3 \(UID 72004\)/,
    rewrites: anyAccountFile,
  },
  {
    name: 'a shell changed by usermod',
    harm: 'usermod --shell /bin/sh web2',
    shows: /~ web2: shell \/bin\/sh, wanted \/usr\/sbin\/nologin/,
    rewrites: passwd,
  },
  {
    name: 'a password set',
    harm: 'echo web2:secret | chpasswd',
    shows: /~ web2: the password is not locked/,
    rewrites: shadow,
  },
  {
    name: 'an empty password set',
    harm: 'passwd --quiet --delete web2',
    shows: /~ web2: the password is not locked/,
    rewrites: shadow,
  },
  {
    name: 'a password that stands in passwd itself',
    harm: "sed -i 's/^web2:x:/web2:$1$abc$def:/' /etc/passwd",
    shows: /~ web2: the password is not kept in \/etc\/shadow/,
    rewrites: passwd,
  },
  {
    name: 'an expiry date set',
    harm: 'chage --expiredate 2030-01-01 web2',
    shows: /~ web2: account expiry 21915, wanted 1/,
    rewrites: shadow,
  },
  {
    name: 'a home moved out of the jail',
    harm: 'usermod --home /root web2',
    shows: /~ web2: home \/root, wanted \/web\/home\/web2/,
    rewrites: passwd,
  },
  {
    name: 'the mark of a user removed',
    harm: "usermod --comment '' web2",
    shows: /~ web2: GECOS none, wanted jailctl jail web/,
    rewrites: passwd,
  },
  {
    name: 'a UID changed to one outside the fence',
    harm: 'usermod --uid 5999 web2',
    shows: /~ web2: UID 5999, wanted 72003/,
    rewrites: passwd,
  },
  {
    name: 'the primary group changed to that of root',
    harm: 'usermod --gid 0 web2',
    shows: /~ web2: primary group 0, wanted 72003/,
    rewrites: passwd,
  },
  {
    name: 'membership in another group added',
    harm: 'usermod --append --groups shadow web2',
    shows: /~ web2: member of the group shadow/,
    rewrites: groups,
  },
  {
    name: 'a user made administrator of another group',
    harm: 'gpasswd --administrators web2 shadow',
    shows: /~ web2: member of the group shadow/,
    rewrites: groups,
  },
  {
    name: 'a user added to the private group of another one',
    harm: 'gpasswd --add web1 web2 >/dev/null',
    shows: /~ web2: members of the private group web1, wanted none/,
    rewrites: groups,
  },
  {
    name: 'a private group deleted',
    harm: "sed -i '/^web2:/d' /etc/group /etc/gshadow",
    shows: /~ web2: no entry in \/etc\/group; no entry in \/etc\/gshadow/,
    rewrites: groups,
  },
  {
    name: 'a second entry of a user added, with the UID of root',
    harm: 'echo web2:x:0:0::/root:/bin/sh >>/etc/passwd',
    shows: /~ web2: 2 entries in \/etc\/passwd/,
    rewrites: passwd,
  },
];

describe('what happens to accounts is shown in the plan, and healed:', () => {
  let host: DriftHost;
  beforeAll(async () => {
    host = await driftHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.for(accounts)('$name', (drift) => host.expectHealed(drift));
});
