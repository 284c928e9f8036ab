import type { ElfFile } from './elf.ts';

/** What differs between processor families where libraries are looked for. */
export interface Machine {
  /** Debian's multiarch name, a directory under /lib and /usr/lib. */
  readonly multiarch: string;
  /** The other directory that distributions keep this family's libraries in, under / and /usr. */
  readonly directory: 'lib64' | 'lib32' | 'lib';
  /** `$PLATFORM` of ld.so(8). */
  readonly platform: string;
  /** The ARCH of musl's `/etc/ld-musl-ARCH.path`. */
  readonly musl: string;
  /** The flags of an entry in ld.so.cache: sysdeps/generic/ldconfig.h of glibc, FLAG_ELF_LIBC6 set. */
  readonly cacheFlags: number;
}

function machine(
  multiarch: string,
  directory: Machine['directory'],
  platform: string,
  musl: string,
  cacheFlags: number,
): Machine {
  return { multiarch, directory, platform, musl, cacheFlags };
}

/** By `e_machine` and word size. */
const machines: Readonly<Record<string, Machine>> = {
  '3/32': machine('i386-linux-gnu', 'lib32', 'i686', 'i386', 0x0003),
  '21/64': machine('powerpc64le-linux-gnu', 'lib64', 'power8', 'powerpc64le', 0x0503),
  '22/64': machine('s390x-linux-gnu', 'lib64', 's390x', 's390x', 0x0403),
  '40/32': machine('arm-linux-gnueabihf', 'lib', 'v7l', 'armhf', 0x0903),
  '62/64': machine('x86_64-linux-gnu', 'lib64', 'x86_64', 'x86_64', 0x0303),
  '183/64': machine('aarch64-linux-gnu', 'lib64', 'aarch64', 'aarch64', 0x0a03),
  '243/64': machine('riscv64-linux-gnu', 'lib64', 'riscv64', 'riscv64', 0x1003),
};

/** Undefined for a family that jailctl knows nothing about: then only /lib and /usr/lib are searched. */
export function machineOf(elf: ElfFile): Machine | undefined {
  return machines[`${elf.machine}/${elf.wordBits}`];
}

/** Whether one can be linked into the other. */
export function sameMachine(one: ElfFile, other: ElfFile): boolean {
  return (
    one.machine === other.machine &&
    one.wordBits === other.wordBits &&
    one.littleEndian === other.littleEndian
  );
}

/** The directories that are compiled into glibc's ld.so, of all distributions. */
export function defaultDirectories(elf: ElfFile): readonly string[] {
  const known = machineOf(elf);
  if (known === undefined) return ['/lib', '/usr/lib'];
  const under = [...new Set([`lib/${known.multiarch}`, known.directory, 'lib'])];
  return under.flatMap((directory) => [`/${directory}`, `/usr/${directory}`]);
}
