import type { Mutation } from '../../mutation.ts';

function onTree(
  id: string,
  title: string,
  caughtBy: Mutation['caughtBy'],
  script: string,
): Mutation {
  return { id, title, caughtBy, change: { on: 'host', script } };
}

/** Some program of the jail. */
const program = '"$(find "$JAIL/usr" -type f -perm /0111 | head -n 1)"';

/** CAP_CHOWN, permitted and effective, as the file system has it (capabilities(7)). */
const chownCapability = '0x0100000201000000000000000000000000000000';

export const fileTreeMutations: readonly Mutation[] = [
  onTree(
    'setuid-program',
    'a program of the jail has the setuid bit',
    ['files/audit-setuid'],
    `chmod u+s ${program}`,
  ),
  onTree(
    'setgid-program',
    'a program of the jail has the setgid bit',
    ['files/audit-setuid'],
    `chmod g+s ${program}`,
  ),
  onTree(
    'file-capability',
    'a program of the jail has a capability',
    ['files/audit-capabilities'],
    `setfattr -n security.capability -v ${chownCapability} ${program}`,
  ),
  onTree(
    'disk-in-jail',
    'the jail has a node of a disk',
    ['files/audit-devices'],
    'mknod -m 0600 "$JAIL/dev/disk" b 8 0',
  ),
  onTree(
    'hard-link-to-host',
    'a file of the jail has another name outside',
    ['files/audit-hard-links'],
    'ln "$JAIL/etc/passwd" "$JAIL-passwd"',
  ),
  onTree(
    'hard-link-of-shared-file',
    'a file that two jails share has another name outside of them',
    ['files/audit-hard-links'],
    'ln "$(find "$JAIL/usr/" -type f -links 2 | head -n 1)" "$JAIL-file"',
  ),
  onTree(
    'writable-library',
    'a library of the jail is writable for everybody',
    ['files/audit-writable'],
    'chmod 0666 "$(find "$JAIL/usr/" -type f -name "*.so*" | head -n 1)"',
  ),
  onTree(
    'owned-by-tenant',
    'a directory of the jail belongs to its user',
    ['files/audit-writable'],
    'chown "$ID" "$JAIL/etc"',
  ),
  onTree(
    'acl-on-passwd',
    'an access control list gives the user the passwd of the jail',
    ['files/audit-acls'],
    // Owner, the user, group, mask and others, as the file system has it (acl(5)).
    [
      'le() { printf "%02x%02x%02x%02x" $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24)); }',
      'all=ffffffff',
      'acl=0x02000000"01000600$all""02000600$(le "$ID")""04000400$all""10000600$all""20000400$all"',
      'setfattr -n system.posix_acl_access -v "$acl" "$JAIL/etc/passwd"',
    ].join('\n'),
  ),
  onTree(
    'fifo-in-jail',
    'the jail has a FIFO',
    ['files/audit-specials'],
    'mkfifo -m 0666 "$JAIL/etc/fifo"',
  ),
  onTree(
    'open-home',
    'a home is open to the other users',
    ['files/audit-homes'],
    'chmod 0755 "$JAIL/home/$NAME"',
  ),
  onTree(
    'open-root-directory',
    'the root directory of the jail is writable for everybody',
    ['files/jail-root'],
    'chmod 0777 "$JAIL"',
  ),
];
