import { expect } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, expectNothingToDo, plan, shell, writeManifest } from './jails.ts';

/** Something that happens to a host behind jailctl's back. */
export interface Drift {
  /** What happens, for the title of a test. */
  readonly name: string;
  /** Shell text that does it. `$lib` is the C library in the jail web. */
  readonly harm: string;
  /** What the plan says about it. */
  readonly shows: RegExp;
  /** Paths that jailctl may write anew to heal it, beside those that the harm itself touched. */
  readonly rewrites?: readonly RegExp[];
  /** Shell text that removes what others made and jailctl has to keep; it fails when it is gone. */
  readonly kept?: string;
}

const jails = `
uids: 72000-72999
jails:
  web: { users: 3, tools: [sh, ls] }
  judge: { users: 2, tools: [sh], network: { policy: drop } }
  offline: { users: 0, tools: [sh] }
`;

const directories = '/web /judge /offline /var/lib/jailctl /etc/security/limits.d';

/** Rules of others, around which jailctl's have to live. */
const foreignRules = `
  for tables in iptables ip6tables; do
    $tables --new-chain OTHERS
    $tables --append OTHERS --match comment --comment "not 'ours' -j JAILCTL" --jump RETURN
    $tables --append OUTPUT --protocol tcp --dport 25 --jump OTHERS
    $tables --append INPUT --protocol tcp --dport 25 --jump ACCEPT
  done`;

/**
 * All that matters, in one call. The order of lines in the account files is no one's promise, and
 * no time is compared: the content is.
 */
const stateScript = `
  for file in passwd group shadow gshadow subuid subgid; do
    test ! -e "/etc/$file" || sort "/etc/$file"
  done
  iptables-save | sed '/^#/d; s/ [[].*//'
  ip6tables-save | sed '/^#/d; s/ [[].*//'
  find ${directories} -printf '%p %y %m %U:%G %l\n' | sort
  find ${directories} -type f -exec sha256sum {} + | sort
  find ${directories} -type c -exec stat --format='%n %t:%T' {} + | sort
  getfattr --recursive --absolute-names --match=- ${directories} | grep -A 9 '^# file' || true`;

/** Inode numbers by path: what keeps its inode was not written anew. */
async function inodes(host: TestHost): Promise<ReadonlyMap<string, string>> {
  const files = ['passwd', 'group', 'shadow', 'gshadow'].map((name) => `/etc/${name}`);
  const places = `${directories} ${files.join(' ')}`;
  // The harm may have removed one of them.
  const script = `find ${places} -printf '%p\\t%i\\n' 2>/dev/null || true`;
  const listed = await shell(host, script);
  const lines = listed.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => line.split('\t') as [string, string]));
}

/** A host with jails, which things happen to one after the other. */
export interface DriftHost extends AsyncDisposable {
  /**
   * Lets the harm happen: the plan must name it, apply must heal it and write nothing else anew,
   * and then all must be as it was, to the byte.
   */
  expectHealed(drift: Drift): Promise<void>;
}

/** Makes a host with jails, and with rules of others. */
export async function driftHost(): Promise<DriftHost> {
  const host = await testHost();
  await shell(host, foreignRules);
  await writeManifest(host, jails);
  await apply(host);
  const right = await shell(host, stateScript);
  const expectHealed = async (drift: Drift) => {
    await shell(host, `lib=$(find /web/usr -name libc.so.6); ${drift.harm}`);
    const harmed = await inodes(host);
    const planned = await plan(host);
    expect(planned.text).toMatch(drift.shows);
    expect(planned.changes).toBe(true);
    await apply(host);
    if (drift.kept !== undefined) {
      await expectNothingToDo(host);
      await shell(host, drift.kept);
    }
    expect(await shell(host, stateScript)).toEqual(right);
    const healed = await inodes(host);
    const allowed = drift.rewrites ?? [];
    const touched = [...harmed]
      .filter(([path, inode]) => (healed.get(path) ?? inode) !== inode)
      .map(([path]) => path)
      .filter((path) => !allowed.some((pattern) => pattern.test(path)));
    expect(touched).toEqual([]);
    await expectNothingToDo(host);
  };
  return { expectHealed, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
}
