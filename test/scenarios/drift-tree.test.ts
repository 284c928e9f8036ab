import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Drift, type DriftHost, driftHost } from './drift.ts';

/** The jails share it. */
const library = /^\/(?:web|judge|offline)\/usr\/lib\/.*libc\.so\.6$/;

const files: readonly Drift[] = [
  {
    name: 'a library overwritten',
    harm: 'echo harm >"$lib"',
    shows: /~ \/usr\/lib\/\S*libc\.so\.6: 5 bytes, wanted \d+/,
    rewrites: [library],
  },
  {
    name: 'a library overwritten, and its size and time put back',
    harm: `touch -r "$lib" /run/time
      printf harm | dd of="$lib" bs=1 seek=5000 conv=notrunc 2>/run/dd
      touch -r /run/time "$lib"`,
    shows: /~ \/usr\/lib\/\S*libc\.so\.6: its content was altered/,
    rewrites: [library],
  },
  {
    name: 'a library replaced by another of its size and time',
    harm: 'tr a b <"$lib" >/web/usr/new; touch -r "$lib" /web/usr/new; mv /web/usr/new "$lib"',
    shows: /~ \/usr\/lib\/\S*libc\.so\.6: (?:mode 0644, wanted 0755; )?its content was altered/,
    rewrites: [library],
  },
  {
    name: 'the time of a file changed',
    harm: 'touch -d 2001-01-01 /web/usr/bin/ls',
    shows: /~ \/usr\/bin\/ls: its time differs from \/usr\/bin\/ls/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  { name: 'a file deleted', harm: 'rm /web/usr/bin/ls', shows: /\+ \/usr\/bin\/ls / },
  {
    name: 'a file added',
    harm: 'cp /bin/true /web/usr/bin/extra',
    shows: /- \/usr\/bin\/extra: nothing asks for it/,
  },
  {
    name: 'a file added to the root directory of a jail without users',
    harm: 'touch /offline/core',
    shows: /tree of offline: 1 to delete\n.*- \/core: nothing asks for it/,
  },
  {
    name: 'a directory with files added, one of them with an odd name',
    harm: `mkdir -p /web/opt/deep; touch /web/opt/deep/-rf "$(printf '/web/opt/a\\nb')"`,
    shows: /- \/opt: nothing asks for it/,
  },
  {
    name: 'a file whose name would steer a terminal added',
    harm: `touch "$(printf '/web/\\033[2J')"`,
    shows: /- \/\\x1b\[2J: nothing asks for it/,
  },
  {
    name: 'the text of a file that jailctl wrote changed',
    harm: 'echo root::0:0:::/bin/sh >>/web/etc/passwd',
    shows: /~ \/etc\/passwd: .*its text differs[\s\S]*-root::0:0:::\/bin\/sh/,
    rewrites: [/^\/web\/etc\/passwd$/],
  },
  {
    name: 'a mode changed',
    harm: 'chmod 0777 /web/usr/bin/ls',
    shows: /~ \/usr\/bin\/ls: mode 0777, wanted 0755/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  {
    name: 'a setuid bit set',
    harm: 'chmod u+s /web/usr/bin/ls',
    shows: /~ \/usr\/bin\/ls: mode 4755, wanted 0755/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  {
    name: 'a file given to a user',
    harm: 'chown web1 /web/usr/bin/ls',
    shows: /~ \/usr\/bin\/ls: owner 72002:0, wanted 0:0/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  {
    name: 'a symlink given to a user',
    harm: 'chown -h web1:web1 /web/bin',
    shows: /~ \/bin: owner 72002:72002, wanted 0:0/,
    rewrites: [/^\/web\/bin$/],
  },
  {
    name: 'a directory with the setgid bit, open to everybody, given to a user',
    harm: 'chown :web1 /web/usr/lib; chmod 2777 /web/usr/lib',
    shows: /~ \/usr\/lib: mode 2777, wanted 0755; owner 0:72002, wanted 0:0/,
  },
  {
    name: 'the root directory of a jail opened',
    harm: 'chmod 1777 /web',
    shows: /~ \/: mode 1777, wanted 0755/,
  },
  {
    name: 'a file capability set',
    harm: 'setcap cap_setuid+ep /web/usr/bin/ls',
    shows: /~ \/usr\/bin\/ls: it has security\.capability/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  {
    name: 'an ACL set on a file',
    harm: 'setfacl -m u:72002:rwx /web/usr/bin/ls',
    shows: /~ \/usr\/bin\/ls: .*it has system\.posix_acl_access/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  {
    name: 'an ACL and a default ACL set on a directory',
    harm: 'setfacl -m u:72002:rwx,d:u:72002:rwx /web/usr/lib',
    shows: /~ \/usr\/lib: .*it has system\.posix_acl_default/,
  },
  {
    name: 'a default ACL set on the root directory of a jail, and a file deleted',
    harm: 'setfacl -m d:u:72002:rwx /web; rm /web/etc/passwd',
    shows: /~ \/: it has system\.posix_acl_default/,
  },
];

const types: readonly Drift[] = [
  {
    name: 'a symlink swapped',
    harm: 'ln -sfn /etc /web/bin',
    shows: /~ \/bin: it leads to \/etc, wanted usr\/bin/,
    rewrites: [/^\/web\/bin$/],
  },
  {
    name: 'a symlink replaced by a directory that holds something',
    harm: 'rm /web/bin; mkdir /web/bin; touch /web/bin/harm',
    shows: /~ \/bin: it is a directory, wanted a symlink/,
    rewrites: [/^\/web\/bin$/],
  },
  {
    name: 'a symlink replaced by a file',
    harm: 'rm /web/bin; touch /web/bin',
    shows: /~ \/bin: it is a file, wanted a symlink/,
    rewrites: [/^\/web\/bin$/],
  },
  {
    name: 'a directory replaced by a file',
    harm: 'rm -r /web/usr/lib/locale; echo harm >/web/usr/lib/locale',
    shows: /~ \/usr\/lib\/locale: it is a file, wanted a directory/,
    rewrites: [/^\/web\/usr\/lib\/locale$/],
  },
  {
    name: 'a directory replaced by a symlink out of the jail',
    harm: 'rm -r /web/usr/lib/locale; ln -s /usr/lib/locale /web/usr/lib/locale',
    shows: /~ \/usr\/lib\/locale: it is a symlink, wanted a directory/,
    rewrites: [/^\/web\/usr\/lib\/locale$/],
  },
  {
    name: 'a directory moved away, and a symlink to it put in its place',
    harm: 'mv /web/usr /web/moved; ln -s moved /web/usr',
    shows: /~ \/usr: it is a symlink, wanted a directory/,
    rewrites: [/^\/web\/usr$/],
  },
  {
    name: 'a file replaced by a directory that holds something',
    harm: 'rm /web/usr/bin/ls; mkdir -p /web/usr/bin/ls/deep; touch /web/usr/bin/ls/deep/file',
    shows: /~ \/usr\/bin\/ls: it is a directory, wanted a file/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  {
    name: 'a file replaced by a symlink to its source',
    harm: 'ln -sf /usr/bin/ls /web/usr/bin/ls',
    shows: /~ \/usr\/bin\/ls: it is a symlink, wanted a file/,
    rewrites: [/^\/web\/usr\/bin\/ls$/],
  },
  {
    name: 'a file replaced by a FIFO, which nobody may wait for',
    harm: 'rm /web/etc/passwd; mkfifo /web/etc/passwd',
    shows: /~ \/etc\/passwd: it is a fifo, wanted a file/,
    rewrites: [/^\/web\/etc\/passwd$/],
  },
  {
    name: 'a FIFO, a socket and a block device planted',
    harm: `mkfifo /web/fifo; mknod /web/disk b 8 0
      python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/web/socket")'`,
    shows: /- \/disk: nothing[\s\S]*- \/fifo: nothing[\s\S]*- \/socket: nothing/,
  },
  {
    name: 'a device node with other numbers',
    harm: 'rm /web/dev/null; mknod -m 666 /web/dev/null c 1 1',
    shows: /~ \/dev\/null: device 1:1, wanted 1:3/,
    rewrites: [/^\/web\/dev\/null$/],
  },
  {
    name: 'a device node replaced by a file',
    harm: 'rm /web/dev/null; echo harm >/web/dev/null',
    shows: /~ \/dev\/null: it is a file, wanted a device/,
    rewrites: [/^\/web\/dev\/null$/],
  },
  {
    name: 'a device node replaced by a block device of the same numbers',
    harm: 'rm /web/dev/null; mknod -m 666 /web/dev/null b 1 3',
    shows: /~ \/dev\/null: it is a block-device, wanted a device/,
    rewrites: [/^\/web\/dev\/null$/],
  },
];

const homes: readonly Drift[] = [
  { name: 'a home removed', harm: 'rm -r /web/home/web1', shows: /\+ \/home\/web1/ },
  {
    name: 'all homes removed',
    harm: 'rm -r /web/home',
    shows: /\+ \/home\n[\s\S]*\+ \/home\/web3/,
  },
  {
    name: 'a home opened to everybody, and given to another user',
    harm: 'chmod 0777 /web/home/web1; chown web2 /web/home/web1',
    shows: /~ \/home\/web1: owner 72003:72002, wanted 72002:72002/,
  },
  {
    name: 'a home replaced by a symlink out of the jail',
    harm: 'rm -r /web/home/web1; ln -s /etc/security /web/home/web1',
    shows: /~ \/home\/web1: it is a symlink, wanted a home/,
    rewrites: [/^\/web\/home\/web1$/],
  },
  {
    name: 'a home replaced by a file',
    harm: 'rm -r /web/home/web1; echo harm >/web/home/web1',
    shows: /~ \/home\/web1: it is a file, wanted a home/,
    rewrites: [/^\/web\/home\/web1$/],
  },
  {
    name: 'a home of nobody added',
    harm: 'mkdir /web/home/web9; echo data >/web/home/web9/file',
    shows: /- \/home\/web9: a user's data, 4 KiB, is deleted/,
  },
];

describe('what happens to a tree is shown in the plan, and healed:', () => {
  let host: DriftHost;
  beforeAll(async () => {
    host = await driftHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.for([...files, ...types, ...homes])('$name', (drift) => host.expectHealed(drift));
});
