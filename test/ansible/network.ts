import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import type { TestHost } from '../rig/host.ts';

const execute = promisify(execFile);

/** The PID, on this host, of a process in the network namespace of a throwaway host. */
async function processIn(host: TestHost): Promise<string> {
  const wanted = (await host.ok(['readlink', '/proc/1/ns/net'])).trim();
  const found = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readlinkSync(`/proc/${name}/ns/net`) === wanted;
    } catch {
      return false; // It has just ended.
    }
  });
  if (found === undefined) throw new Error(`no process has the network namespace ${wanted}`);
  return found;
}

/** Where the hub of a network is, and its nodes: 10.77.0.11 and on. */
export const hubAddress = '10.77.0.1';
export const nodeAddress = (number: number) => `10.77.0.${11 + number}`;
export const bridgeName = 'jailctl-test';

/**
 * Links throwaway hosts by a bridge in the namespace of `hub`. Each pair of interfaces is made there
 * and its end in the other namespace: this host has none of them at any time.
 */
export async function link(hub: TestHost, nodes: readonly TestHost[]): Promise<void> {
  const hubProcess = await processIn(hub);
  const inHub = (...args: string[]) =>
    execute('nsenter', [`--net=/proc/${hubProcess}/ns/net`, 'ip', ...args]);
  await inHub('link', 'add', bridgeName, 'type', 'bridge');
  await inHub('address', 'add', `${hubAddress}/24`, 'dev', bridgeName);
  await inHub('link', 'set', bridgeName, 'up');
  for (const [number, node] of nodes.entries()) {
    const name = `node${number}`;
    const peer = ['peer', 'name', 'eth0', 'netns', await processIn(node)];
    await inHub('link', 'add', name, 'type', 'veth', ...peer);
    await inHub('link', 'set', name, 'master', bridgeName, 'up');
    await node.ok(['ip', 'address', 'add', `${nodeAddress(number)}/24`, 'dev', 'eth0']);
    await node.ok(['ip', 'link', 'set', 'eth0', 'up']);
  }
}
