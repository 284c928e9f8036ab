/** A package of the host that brought files of a jail. */
export interface HostPackage {
  /** `deb` or `rpm`, as package URLs have it. */
  readonly type: 'deb' | 'rpm';
  /** Of the distribution, as in os-release(5): `debian`. */
  readonly vendor: string;
  /** `debian-12`; absent for a rolling one. */
  readonly distribution?: string;
  readonly name: string;
  /** Of rpm, where it is not 0; that of dpkg is in the version. */
  readonly epoch?: string;
  readonly version: string;
  readonly architecture: string;
  /** Where the host says so. */
  readonly source: string;
}

/** One regular file of a jail. */
export interface InventoryFile {
  readonly path: string;
  /** Absent where it is known on the host only, when the jail is made: it holds UIDs. */
  readonly sha256?: string;
  readonly madeByJailctl: boolean;
  /** Absent where no package says that it has the file. */
  readonly package?: HostPackage;
}

/** What a jail will be made of. */
export interface Inventory {
  readonly jail: string;
  /** By path. */
  readonly files: readonly InventoryFile[];
}
