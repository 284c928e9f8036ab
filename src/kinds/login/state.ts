import type { Address } from '../../model/address.ts';

export const loginRulesAddress: Address = 'login/sshd';

export function loginKeysAddress(jail: string): Address {
  return `login/keys/${jail}`;
}

/** What sshd(8) has to know of all jail users: a file of its configuration. */
export interface LoginRules {
  readonly type: 'sshd';
  readonly text: string;
  /** One who may log in, and what must then hold for it, as `sshd -T` prints it. */
  readonly user: string;
  readonly effective: readonly string[];
  /** Of what is there: is the directory of the keys there, too? */
  readonly hasDirectory: boolean;
  /** Of what is there, for a person: sshd has not read it, or means something else. */
  readonly faults: readonly string[];
}

/** The keys with which anybody can log in as a user of one jail: an authorized_keys file. */
export interface LoginKeys {
  readonly type: 'keys';
  readonly jail: string;
  readonly text: string;
  /** Why sshd would not take what is there. */
  readonly fault?: string;
}

export type Logins = LoginRules | LoginKeys;
