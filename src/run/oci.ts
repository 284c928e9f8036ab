/**
 * The part of the OCI runtime specification's config.json that jailctl writes, with the field names
 * of the specification (versions 1.0.2 and 1.1: config.md and config-linux.md).
 */
export interface OciConfig {
  readonly ociVersion: string;
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname: string;
  readonly mounts: readonly OciMount[];
  readonly linux: OciLinux;
}

export interface OciProcess {
  readonly terminal: boolean;
  /** Of the terminal. */
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: { readonly uid: number; readonly gid: number; readonly umask: number };
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Readonly<Record<OciCapabilitySet, readonly string[]>>;
  readonly rlimits: readonly OciRlimit[];
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj: number;
}

export type OciCapabilitySet = 'bounding' | 'effective' | 'inheritable' | 'permitted' | 'ambient';

export interface OciRlimit {
  /** `RLIMIT_CORE`: getrlimit(2). */
  readonly type: string;
  readonly soft: number;
  readonly hard: number;
}

export interface OciMount {
  readonly destination: string;
  /** Of a file system; a bind mount has none. */
  readonly type?: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciLinux {
  readonly namespaces: readonly { readonly type: OciNamespace }[];
  /** From the root of each hierarchy. */
  readonly cgroupsPath: string;
  readonly resources: OciResources;
  readonly seccomp?: OciSeccomp;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly rootfsPropagation: 'private';
}

/** Limits that are absent are set otherwise. */
export interface OciResources {
  readonly devices: readonly OciDeviceRule[];
  /** In bytes; `swap` is of memory and swap together. */
  readonly memory?: { readonly limit: number; readonly swap?: number };
  readonly pids?: { readonly limit: number };
  /** In microseconds. */
  readonly cpu?: { readonly quota: number; readonly period: number };
}

export type OciNamespace = 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'cgroup';

export interface OciDeviceRule {
  readonly allow: boolean;
  /** Any of read, write, mknod. */
  readonly access: string;
}

export interface OciSeccomp {
  readonly defaultAction: OciSeccompAction;
  readonly defaultErrnoRet: number;
  readonly architectures: readonly OciArchitecture[];
  readonly syscalls: readonly OciSyscallRule[];
}

export type OciSeccompAction = 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';

export type OciArchitecture = 'SCMP_ARCH_X86_64' | 'SCMP_ARCH_AARCH64';

/** Rules for the same call are alternatives; the arguments of one rule must all match. */
export interface OciSyscallRule {
  readonly names: readonly string[];
  readonly action: OciSeccompAction;
  readonly errnoRet?: number;
  readonly args?: readonly OciSyscallArgument[];
}

/** The argument, counted from 0, matches where `argument & value` is `valueTwo`. */
export interface OciSyscallArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo: number;
  readonly op: 'SCMP_CMP_MASKED_EQ';
}
