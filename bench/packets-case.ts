import { writeFileSync } from 'node:fs';
import { type Case, rounds, sampleKey } from './case.ts';
import { applyManifest, shell } from './manifest.ts';
import { type Contender, inRounds } from './measure.ts';
import { compiled, workDirectory } from './native.ts';
import { timeProgram } from './program.ts';
import type { RowSpec } from './report/row.ts';

const name = 'packets';

const jails = 100;
/** For who has a rule for each user. jailctl's rules have ranges: of how many users, tells nothing. */
const users = 10_000;
const firstUid = 70_000;
/** Of nobody: no account has it, and no rule. */
const ordinaryUid = 54_321;

type Family = 4 | 6;
const restoreOf: Readonly<Record<Family, string>> = { 4: 'iptables', 6: 'ip6tables' };

/** Half of the jails may talk to a server, the others to nobody. */
function manifest(): string {
  const networks = ['none', '{ allow: [{ to: 10.0.0.5, port: 5432, protocol: tcp }] }'];
  const entries = Array.from({ length: jails }, (_, index) => {
    const network = networks[index % networks.length];
    return `  j${index}x: { users: 1, tools: ["true"], network: ${network} }\n`;
  });
  return `version: 1\nuids: ${firstUid}-${firstUid + 19_999}\njails:\n${entries.join('')}`;
}

function ruleOf(from: number, to = from): string {
  const range = from === to ? from : `${from}-${to}`;
  return `-A OUTPUT -m owner --uid-owner ${range} -j REJECT\n`;
}

/** The whole filter table, with these rules. */
function table(rules: readonly string[]): string {
  const chains = ['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => `:${chain} ACCEPT [0:0]\n`);
  return `*filter\n${chains.join('')}${rules.join('')}COMMIT\n`;
}

interface Table {
  readonly name: 'empty' | 'handful' | 'each' | 'jailctl';
  readonly rules: (family: Family) => Promise<string>;
  /** How many packets are timed together: each takes long where a rule stands for each user. */
  readonly packets: number;
}

const tables: readonly Table[] = [
  { name: 'empty', rules: async () => table([]), packets: 4_000 },
  {
    name: 'handful',
    rules: async () =>
      table([0, 1, 2, 3, 4].map((n) => ruleOf(90_000 + n * 100, 90_099 + n * 100))),
    packets: 4_000,
  },
  {
    name: 'each',
    rules: async () => table(Array.from({ length: users }, (_, index) => ruleOf(firstUid + index))),
    packets: 20,
  },
  {
    name: 'jailctl',
    rules: (family) => shell('"$1-save" --table filter', restoreOf[family]),
    packets: 4_000,
  },
];

/** Sends packets to itself as a user. @returns the nanoseconds that one takes */
async function send(family: Family, packets: number, uid: number): Promise<number> {
  const argv = [compiled('packets'), String(family), String(packets)] as const;
  const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'] as const;
  return Number((await timeProgram(['setpriv', ...identity, '--', ...argv])).stdout);
}

const contenderName = (family: Family, of: Table['name']) => `IPv${family}, ${of}`;

async function contender(family: Family, one: Table): Promise<Contender> {
  const path = `${workDirectory}/${one.name}-${family}`;
  writeFileSync(path, await one.rules(family));
  const run = async () => {
    await shell('"$1-restore" "$2"', restoreOf[family], path);
    return { value: await send(family, one.packets, ordinaryUid) };
  };
  return { name: contenderName(family, one.name), run };
}

/** @throws Error when the fence of jailctl is not up: then there was nothing to measure */
async function checkFence(family: Family): Promise<void> {
  const sent = await send(family, 1, firstUid).then(
    () => true,
    () => false,
  );
  if (sent) throw new Error(`a jail user can send packets, by IPv${family}`);
}

function rowsOf(family: Family): readonly RowSpec[] {
  const key = (of: Table['name']) => sampleKey(name, contenderName(family, of));
  const common = { section: 'packets', unit: 'ns', compares: 'min', ours: key('jailctl') } as const;
  return [
    { ...common, name: `IPv${family}; floor: an empty table`, floor: [key('empty')] },
    {
      ...common,
      name: `IPv${family}; floor: five rules`,
      floor: [key('handful')],
      peers: { '10,000 rules, one for each user': key('each') },
      // No more, but for what two measurements of the same differ by.
      bounds: { timesFloor: 1.1 },
    },
  ];
}

/** What the firewall of 100 jails costs a packet of somebody else. */
export const packetsCase: Case = {
  name,
  full: rounds(15),
  quick: rounds(3),
  measure: async ({ rounds }) => {
    await applyManifest(manifest());
    const contenders: Contender[] = [];
    for (const family of [4, 6] as const) {
      await checkFence(family);
      for (const one of tables) contenders.push(await contender(family, one));
    }
    return inRounds(contenders, rounds, 1);
  },
  rows: ([4, 6] as const).flatMap(rowsOf),
};
