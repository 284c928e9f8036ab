/** errno(3), as far as opening, reading and writing a file in a jail meets it. */
const reasons: ReadonlyMap<number, string> = new Map([
  [1, 'not permitted'],
  [2, 'no such file'],
  [5, 'input/output error'],
  // open(2) of a socket, or of a device that is not there.
  [6, 'it is not a regular file'],
  [12, 'no memory left'],
  [13, 'permission denied'],
  [20, 'something on its path is not a directory'],
  [21, 'it is a directory'],
  [22, 'it is not a regular file'],
  [23, 'too many open files'],
  [24, 'too many open files'],
  [27, 'it is larger than the limit file_size'],
  [28, 'no space left'],
  [30, 'nothing can be written there'],
  [36, 'a name is too long'],
  [40, 'a symbolic link is on its path'],
  [122, 'no disk quota left'],
]);

/** Why a file could not be copied, for a person. */
export function copyProblem(errno: number): string {
  return reasons.get(errno) ?? `errno ${errno}`;
}
