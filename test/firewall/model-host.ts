import { desiredFirewall } from '../../src/desired/firewall.ts';
import { diffFirewall } from '../../src/kinds/firewall/diff.ts';
import { parseSave, tableOf } from '../../src/kinds/firewall/save-text.ts';
import { firewallSteps } from '../../src/kinds/firewall/steps.ts';
import { type Family, families, firewallAddress } from '../../src/kinds/firewall/table.ts';
import type { JailSettings, Network } from '../../src/model/settings.ts';
import type { Step } from '../../src/model/step.ts';
import { jailSettings } from '../rig/settings.ts';

export const pool = { first: 70000, last: 89999 };

export function jail(name: string, uids: readonly number[], network: Network): JailSettings {
  const users = uids.map((uid, at) => ({ name: `${name}${at + 1}`, uid }));
  return jailSettings(name, users, network);
}

/** What iptables-save prints, by family. */
export type Saved = Readonly<Record<Family, string>>;

export function plan(saved: Saved, settings: readonly JailSettings[]) {
  const desired = desiredFirewall(settings, pool);
  const observed = new Map(
    families.flatMap((family) => {
      const table = tableOf(family, parseSave(saved[family]));
      return table === undefined ? [] : [[firewallAddress(family), table] as const];
    }),
  );
  const changes = diffFirewall(desired, observed);
  return { changes, steps: firewallSteps(changes) };
}

/** What `iptables-restore --noflush` does with a filter table, as far as jailctl uses it. */
function restore(saved: string, script: string): string {
  const { chains, rules } = parseSave(saved);
  const nowChains = [...chains];
  let now = [...rules];
  for (const line of script.split('\n')) {
    const [word = '', chain = ''] = line.split(' ');
    if (word.startsWith(':')) {
      const name = word.slice(1);
      if (!nowChains.includes(name)) nowChains.push(name);
      now = now.filter((rule) => !rule.startsWith(`-A ${name} `));
    } else if (word === '-D') {
      const at = now.indexOf(line.replace('-D', '-A'));
      if (at === -1) throw new Error(`no such rule: ${line}`);
      now.splice(at, 1);
    } else if (word === '-I') {
      const [, , number = '1', ...rest] = line.split(' ');
      const inChain = now.filter((rule) => rule.startsWith(`-A ${chain} `));
      const others = now.filter((rule) => !rule.startsWith(`-A ${chain} `));
      inChain.splice(Number(number) - 1, 0, `-A ${chain} ${rest.join(' ')}`);
      now = [...inChain, ...others];
    } else if (word === '-A') now.push(line);
    else if (word === '-X') {
      const used = now.some((rule) => / -[jg] (\S+)$/.exec(rule)?.[1] === chain);
      if (used) throw new Error(`the chain ${chain} is in use`);
      nowChains.splice(nowChains.indexOf(chain), 1);
    }
  }
  return ['*filter', ...nowChains.map((name) => `:${name} - [0:0]`), ...now, 'COMMIT', ''].join(
    '\n',
  );
}

export function applySteps(saved: Saved, steps: readonly Step[]): Saved {
  const now = { ...saved };
  for (const step of steps) {
    if (step.op !== 'run' || step.stdin === undefined) throw new Error(`what is ${step.op}?`);
    const family = step.argv[0] === 'iptables-restore' ? 'ipv4' : 'ipv6';
    now[family] = restore(now[family], step.stdin);
  }
  return now;
}
