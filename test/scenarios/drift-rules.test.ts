import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Drift, type DriftHost, driftHost } from './drift.ts';

/** The fence of IPv4 and of IPv6 are two: each is harmed alone. */
const rules: readonly Drift[] = ['iptables', 'ip6tables'].flatMap((tables) => {
  const family = tables === 'iptables' ? 'IPv4' : 'IPv6';
  return [
    {
      name: `a rule deleted in ${family} only`,
      harm: `${tables} --delete JAILCTL 1`,
      shows: new RegExp(`packet rules: 1 to update\\n.*${family}: missing: -A JAILCTL .*DROP`),
    },
    {
      name: `rules of ${family} reordered`,
      harm: `rule=$(${tables} --list-rules JAILCTL 1)
        ${tables} --delete JAILCTL 1; eval "${tables} $rule"`,
      shows: new RegExp(`${family}: the rules of JAILCTL are in another order`),
    },
    {
      name: `the jump of ${family} moved behind an ACCEPT`,
      harm: `jump=$(${tables} --list-rules OUTPUT 1); ${tables} --delete OUTPUT 1
        ${tables} --insert OUTPUT --jump ACCEPT; eval "${tables} $jump"`,
      shows: new RegExp(`${family}: a rule stands before the jump to JAILCTL: -A OUTPUT -j ACCEPT`),
      kept: `${tables} --delete OUTPUT --jump ACCEPT`,
    },
    {
      name: `the jump of ${family} deleted`,
      harm: `${tables} --delete OUTPUT 1`,
      shows: new RegExp(`${family}: missing: -A OUTPUT .*--uid-owner 72000-72999 .*-j JAILCTL`),
    },
    {
      name: `the jump of ${family} there twice`,
      harm: `jump=$(${tables} --list-rules OUTPUT 1); eval "${tables} $jump"`,
      shows: new RegExp(`${family}: there twice: -A OUTPUT .*-j JAILCTL`),
    },
    {
      name: `the chain of ${family} emptied`,
      harm: `${tables} --flush JAILCTL`,
      shows: new RegExp(`${family}: missing: .*DROP.*missing: .*tcp-reset`),
    },
    {
      name: `the chain of ${family} removed`,
      harm: `${tables} --delete OUTPUT 1; ${tables} --flush JAILCTL; ${tables} -X JAILCTL`,
      shows: new RegExp(`packet rules: 1 to create\\n  \\+ ${family}: 4 rules`),
    },
    {
      name: `a rule of others put into the chain of ${family}`,
      harm: `${tables} --insert JAILCTL --protocol tcp --jump ACCEPT`,
      shows: new RegExp(`${family}: not wanted: -A JAILCTL -p tcp -j ACCEPT`),
    },
    {
      name: `a foreign rule put before the jump of ${family}, where it is kept behind it`,
      harm: `${tables} --insert OUTPUT --match comment --comment 'a "b" c' --jump ACCEPT`,
      shows: new RegExp(`${family}: a rule stands before the jump to JAILCTL: -A OUTPUT .*ACCEPT`),
      kept: `${tables} --delete OUTPUT --match comment --comment 'a "b" c' --jump ACCEPT`,
    },
  ];
});

describe('what happens to packet rules is shown in the plan, and healed:', () => {
  let host: DriftHost;
  beforeAll(async () => {
    host = await driftHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.for(rules)('$name', (drift) => host.expectHealed(drift));
});
