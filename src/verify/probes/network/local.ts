import { requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import {
  heard,
  isThrough,
  newWord,
  type Place,
  reachAction,
  seek,
  serveAction,
  targetsOf,
  trialsOf,
  unfencedUid,
} from './reach.ts';
import { openNetwork, sharedNetwork } from './why.ts';

/** Sockets that services are asked at. Many of them give whoever reaches them root. */
const servicePaths = [
  ...['/run/docker.sock', '/var/run/docker.sock', '/run/containerd/containerd.sock'],
  ...['/run/podman/podman.sock', '/run/crio/crio.sock', '/run/buildkit/buildkitd.sock'],
  ...['/run/dbus/system_bus_socket', '/var/run/dbus/system_bus_socket'],
  ...['/run/systemd/private', '/run/systemd/notify', '/run/systemd/io.systemd.ManagedOOM'],
  ...['/run/systemd/journal/socket', '/run/systemd/journal/stdout', '/run/systemd/journal/dev-log'],
  ...['/dev/log', '/run/udev/control', '/run/acpid.socket', '/run/lvm/lvmpolld.socket'],
  ...[
    '/run/snapd.socket',
    '/run/snapd-snap.socket',
    '/run/lxd.socket',
    '/run/libvirt/libvirt-sock',
  ],
  ...['/run/mysqld/mysqld.sock', '/run/postgresql/.s.PGSQL.5432', '/run/redis/redis.sock'],
  '/tmp/.X11-unix/X0',
] as const;

/** Sockets of those that look names and users up. */
const resolverPaths = [
  ...['/run/nscd/socket', '/var/run/nscd/socket', '/var/lib/sss/pipes/nss', '/run/nslcd/socket'],
  ...['/run/systemd/resolve/io.systemd.Resolve', '/run/systemd/resolve/io.systemd.Resolve.Monitor'],
  ...['/run/systemd/userdb/io.systemd.DynamicUser', '/run/avahi-daemon/socket'],
] as const;

/** Connects to sockets by their paths, and to one of its own beside them; nothing is ever sent. */
async function seekPaths(range: Range, paths: readonly string[]): Promise<Finding> {
  const own = `${range.host.directory}/socket-${newWord()}`;
  await using server = await range.host.startOutside(['serve', 'unix', own, '0']);
  const place = { protocol: 'unix', address: own } as const;
  const { lacking } = targetsOf(server.facts, [place]);
  if (lacking.length > 0) return noControl(lacking.join('; '));
  const [control] = trialsOf(
    await range.host.outside(reachAction('-', [place]), { as: range.user.uid }),
  );
  if (control?.[0] !== 'connected') {
    return noControl(`outside the jail it does not work: ${control?.join(' of ')}`);
  }
  const sought = [own, ...paths];
  const answer = await range.inside(
    reachAction(
      '-',
      sought.map((address) => ({ protocol: 'unix', address }) as const),
    ),
  );
  requireOutcome(answer, 'in the jail');
  const trials = trialsOf(answer);
  // A socket that nobody listens at is one all the same: its service may come back.
  const there = sought.filter(
    (_, at) => isThrough(trials[at]?.[0] ?? '') || trials[at]?.[0] === 'ECONNREFUSED',
  );
  if (there.length > 0) return broken(`there in the jail: ${there.join(', ')}`);
  const odd = sought.findIndex((_, at) => !['ENOENT', 'EACCES'].includes(trials[at]?.[0] ?? ''));
  if (odd !== -1) throw new Error(`${sought[odd]} came to ${trials[odd]?.join(' of ')}`);
  const onHost = paths.filter((path) => range.host.reader.lstat(path)?.type === 'socket');
  return held(
    `ENOENT for its own and ${paths.length} known paths; on the host are: ${onHost.join(', ') || 'none of them'}`,
  );
}

/** By the path from the root, and by the way up. */
async function seekOwnPath(range: Range): Promise<Finding> {
  const places = Array.from([0, 1], (): Place => {
    return { protocol: 'unix', address: `${range.host.directory}/socket-${newWord()}` };
  });
  const up = places.map((place, at) =>
    at === 0 ? place : { ...place, sought: `../../../..${place.address}` },
  );
  return seek(range, up, { control: range.user.uid });
}

async function seekSibling(range: Range, place: Place): Promise<Finding> {
  const sibling = range.sibling();
  const places = [place];
  const [word, controlWord] = [newWord(), newWord()];
  await using control = await range.host.startOutside(serveAction(places), {
    as: place.protocol === 'abstract' ? sibling.uid : unfencedUid,
  });
  const { targets, lacking } = targetsOf(control.facts, places);
  if (lacking.length > 0) return noControl(lacking.join('; '));
  await range.host.outside(reachAction(controlWord, targets), {
    as: place.protocol === 'abstract' ? range.user.uid : unfencedUid,
  });
  if (!heard(await control.end(), controlWord, 0)) {
    return noControl('outside the jail, the two do not reach one another either');
  }
  await using server = await range.startInside(serveAction(places), { user: sibling });
  const inside = targetsOf(server.facts, places);
  if (inside.lacking.length > 0) return noControl(`in the jail, ${inside.lacking.join('; ')}`);
  const answer = await range.inside(reachAction(word, inside.targets));
  requireOutcome(answer, 'in the jail');
  const [trial] = trialsOf(answer);
  const isReached = isThrough(trial?.[0] ?? '') || heard(await server.end(), word, 0);
  const text = `${range.user.name} to ${sibling.name}: ${trial?.join(' of ')}`;
  return isReached ? broken(text) : held(text);
}

/** A server in the jail, asked from outside. */
async function seekInside(range: Range, place: Place): Promise<Finding> {
  const places = [place];
  const [word, controlWord] = [newWord(), newWord()];
  await using control = await range.host.startOutside(serveAction(places), { as: unfencedUid });
  const { targets, lacking } = targetsOf(control.facts, places);
  if (lacking.length > 0) return noControl(lacking.join('; '));
  await range.host.outside(reachAction(controlWord, targets), { as: unfencedUid });
  if (!heard(await control.end(), controlWord, 0)) {
    return noControl('such a server is not reached outside the jail either');
  }
  await using server = await range.startInside(serveAction(places));
  const inside = targetsOf(server.facts, places);
  if (inside.lacking.length > 0) return noControl(`in the jail, ${inside.lacking.join('; ')}`);
  const answer = await range.host.outside(reachAction(word, inside.targets), { as: unfencedUid });
  requireOutcome(answer, 'outside the jail');
  const [trial] = trialsOf(answer);
  const isReached = heard(await server.end(), word, 0);
  const text = `from outside: ${trial?.join(' of ')}`;
  return isReached ? broken(`the server in the jail is reached ${text}`) : held(text);
}

const namespaceRemedy = 'network: none in the manifest, and an OCI runtime as engine';

const abstract = {
  severity: 'high',
  layer: 'network_namespace',
  gain: 'descriptors of others, also of directories, by which two programs leave a chroot',
  remedy: namespaceRemedy,
  moot: openNetwork,
  weakOn: sharedNetwork,
} as const;

const listener = {
  severity: 'medium',
  layer: 'network_namespace',
  expected: 'nothing arrives',
  control: 'the same server is reached outside the jail',
  gain: 'a service under a name that the host trusts, and programs of the host as its clients',
  remedy: namespaceRemedy,
  moot: openNetwork,
} as const;

const abstractPlace = (): Place => ({ protocol: 'abstract', address: `jailctl-${newWord()}` });

async function listSockets(range: Range): Promise<Finding> {
  const place = abstractPlace();
  await using server = await range.host.startOutside(serveAction([place]));
  const { lacking } = targetsOf(server.facts, [place]);
  if (lacking.length > 0) return noControl(lacking.join('; '));
  const action = ['find-text', place.address, '/proc/net/unix'] as const;
  const outside = await range.host.outside(action, { as: range.user.uid });
  if (outside.outcome !== 'done') return noControl(`outside the jail: ${outside.outcome}`);
  const answer = await range.inside(action);
  requireOutcome(answer, 'in the jail');
  if (answer.outcome === 'done') return broken('/proc/net/unix shows the sockets of the host');
  if (!['absent', 'ENOENT'].includes(answer.outcome)) throw new Error(answer.outcome);
  return held(`${answer.outcome}: a socket of the host is not in /proc/net/unix of the jail`);
}

/** What never becomes a packet, or comes from the host. */
export const localProbes: readonly Probe[] = [
  {
    ...abstract,
    id: 'network/abstract-host',
    title: 'connects to an abstract socket of the host, which no packet rule sees',
    expected: 'ECONNREFUSED',
    control: 'the same user connects outside the jail',
    attempt: (range) => seek(range, [abstractPlace()], { control: range.user.uid }),
  },
  {
    ...abstract,
    id: 'network/abstract-sibling',
    title: 'connects to an abstract socket of another user of the jail',
    expected: 'ECONNREFUSED',
    control: 'the same two users connect outside the jail',
    needs: 'sibling',
    alone: true,
    attempt: (range) => seekSibling(range, abstractPlace()),
  },
  {
    id: 'network/sibling-tcp',
    title: 'connects to a TCP server of another user of the jail',
    severity: 'high',
    layer: 'network_namespace',
    expected: 'ECONNREFUSED',
    control: 'two users of no jail connect outside the jail',
    gain: 'what another tenant serves, and a way to work together',
    remedy: namespaceRemedy,
    moot: openNetwork,
    needs: 'sibling',
    alone: true,
    attempt: (range) => seekSibling(range, { protocol: 'tcp', address: '127.0.0.1' }),
  },
  {
    id: 'network/socket-list',
    title: 'reads which sockets the host has',
    severity: 'medium',
    layer: 'network_namespace',
    expected: 'absent',
    control: 'the same user reads it outside the jail',
    gain: 'what runs on the host, and the names of abstract sockets to attack',
    remedy: namespaceRemedy,
    moot: openNetwork,
    weakOn: sharedNetwork,
    attempt: listSockets,
  },
  {
    id: 'network/pathname-socket',
    title: 'connects to a socket of the host by its path',
    severity: 'critical',
    layer: 'mount_namespace',
    expected: 'ENOENT',
    control: 'the same user connects outside the jail',
    gain: 'every service of the host that listens at a path',
    remedy: 'mount nothing of the host into the jail, /run least of all',
    attempt: seekOwnPath,
  },
  {
    id: 'network/service-sockets',
    title: 'connects to the sockets of Docker, containerd, Podman, D-Bus, systemd, snapd, syslog',
    severity: 'critical',
    layer: 'mount_namespace',
    expected: 'ENOENT',
    control: 'the same user connects to a socket beside them outside the jail',
    gain: 'the host: whoever reaches the socket of Docker is root',
    remedy: 'take the socket out of the jail: mount nothing of the host into it',
    attempt: (range) => seekPaths(range, servicePaths),
  },
  {
    id: 'network/resolver-sockets',
    title: 'connects to the sockets of nscd, systemd-resolved, SSSD and Avahi',
    severity: 'high',
    layer: 'mount_namespace',
    expected: 'ENOENT',
    control: 'the same user connects to a socket beside them outside the jail',
    gain: 'look-ups by a service of the host: a tunnel out, and the names of users',
    remedy: 'take the socket out of the jail: mount nothing of the host into it',
    attempt: (range) => seekPaths(range, resolverPaths),
  },
  {
    ...listener,
    id: 'network/listener-tcp',
    title: 'listens in the jail at a TCP port of the host',
    attempt: (range) => seekInside(range, { protocol: 'tcp', address: '127.0.0.1' }),
  },
  {
    ...listener,
    id: 'network/listener-udp',
    title: 'listens in the jail at a UDP port of the host',
    weakOn: sharedNetwork,
    attempt: (range) => seekInside(range, { protocol: 'udp', address: '127.0.0.1' }),
  },
  {
    ...listener,
    id: 'network/listener-abstract',
    title: 'listens in the jail at an abstract socket of the host',
    weakOn: sharedNetwork,
    attempt: (range) => seekInside(range, abstractPlace()),
  },
];
