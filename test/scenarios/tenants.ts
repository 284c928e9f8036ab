import type { TestHost } from '../rig/host.ts';

/**
 * What a tenant does, forever, each in a process of its own, in its home. What it makes there has the
 * names of what is in the directory that its links lead to: whoever follows one, removes that.
 */
const program = String.raw`
import ctypes, itertools, os, signal, socket, sys
uid, root, home, outside, *attacks = sys.argv[1:]
uid = int(uid)
libc = ctypes.CDLL(None, use_errno=True)
os.fsencode('x')
if root: os.chroot(root)
os.chdir('/')
if os.getuid() == 0:
    os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
os.umask(0)
# A process that has changed its user may not write to its own /proc, but a tenant's may.
libc.prctl(4, 1)

def exchange(one, other): libc.renameat2(-100, one.encode(), -100, other.encode(), 2)
def write(path, bytes=b'x'):
    with open(path, 'wb') as file: file.write(bytes)
def nest(path, parts):
    os.makedirs(path + '/' + parts, exist_ok=True)
    write(path + '/data')
    return path
def forever(*actions):
    yield
    for action in itertools.cycle(actions):
        try: action()
        except OSError: pass
        yield

def swap():
    top = nest(home + '/swap', 'b/c/d/e/f/g')
    for place in ('', '/b', '/b/c', '/b/c/d/e', '/b/c/d/e/f'):
        write(top + place + '/data')
        os.symlink(outside, top + place + '/link')
        nest(top + place + '/tree', 'b/c')
    pairs = [(top + at + '/tree', top + at + '/link') for at in ('', '/b', '/b/c', '/b/c/d/e/f')]
    pairs += [(home + '/swap/b', home + '/swap/link')]
    return forever(*[lambda pair=pair: exchange(*pair) for pair in pairs])

def move():
    # Two of them may be at it side by side.
    top = nest(home + '/move%d' % os.getpid(), 'b/c/d/e/f/g/h/i/j')
    inner = top + '/b/c/d/e/f/g'
    return forever(lambda: os.rename(inner, top + '/g'), lambda: os.rename(top + '/g', inner),
                   lambda: os.rename(top + '/b/c', top + '/c'), lambda: os.rename(top + '/c', top + '/b/c'))

def links():
    write(home + '/file')
    name = home + '/linked%d'
    for n in range(200): os.link(home + '/file', name % n)
    return forever(lambda: os.unlink(name % 0), lambda: os.link(home + '/file', name % 0))

def fifos():
    top = nest(home + '/fifos', 'b')
    os.chdir(top)
    def hear():
        with socket.socket(socket.AF_UNIX) as one: one.bind('socket')
    hear()
    os.mkfifo('fifo')
    return forever(lambda: os.unlink('data'), lambda: os.mkfifo('data'), lambda: os.unlink('data'),
                   lambda: os.symlink('/etc/passwd', 'data'), lambda: exchange('b', 'fifo'))

def deep():
    os.chdir(nest(home + '/deep', 'b'))
    for n in range(3000): os.mkdir('d'); os.chdir('d')
    return forever(lambda: write('data'), lambda: os.rename('data', 'moved'))

def names():
    os.makedirs(home + '/names', exist_ok=True)
    os.chdir(home + '/names')
    for name in (b'new\nline', b'\xff\xfe', b'-rf', b' ', b'*', b'..\n', b'\x1b[2J', b'n' * 255):
        os.makedirs(name + b'/' + name); write(name + b'/file' + name[:200])
    os.chmod(b'-rf', 0); os.chmod(b' ', 0o7777)
    return forever(signal.pause)

def sparse():
    write(home + '/sparse'); os.truncate(home + '/sparse', 1 << 40)
    return forever(signal.pause)

def fill():
    def more(n=itertools.count()):
        number = next(n)
        os.makedirs(home + '/fill/%d' % number, exist_ok=True)
        write(home + '/fill/%d/data' % number, b'x' * 65536)
    while True:
        try: more()
        except OSError: break
    return forever(more)

def respawn():
    if os.fork() == 0:
        while True:
            if os.fork() > 0: os._exit(0)
            os.setsid()
    return forever(signal.pause)

def stopped():
    for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    return forever(lambda: os.kill(os.getpid(), signal.SIGSTOP))

def descriptors():
    held = [os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in
            (home, nest(home + '/held', 'b'), home + '/held/b', os.path.dirname(home))]
    def make(at):
        os.mkdir('made', dir_fd=at)
    def plant(at, n=itertools.count()):
        os.symlink(outside, 'planted%d' % (next(n) % 5000), dir_fd=at)
    return forever(*[lambda at=at, do=do: do(at) for at in held for do in (make, plant)])

def mounts():
    nest(home + '/mounts', 'b')
    pid = os.getpid()
    if libc.unshare(0x10020000) == 0:
        write('/proc/self/setgroups', b'deny')
        write('/proc/self/uid_map', b'0 %d 1' % uid)
        libc.mount(b'none', (home + '/mounts/b').encode(), b'tmpfs', 0, None)
        libc.mount(outside.encode(), (home + '/mounts').encode(), None, 4096, None)
    return forever(signal.pause)

told, tell = os.pipe()
for attack in attacks:
    if os.fork() > 0: continue
    os.nice(10)
    # Whoever waits for the output of this tenant must not wait for its processes.
    for standard in (0, 1, 2): os.close(standard)
    try:
        steps = globals()[attack]()
        next(steps)
        os.write(tell, b'begun\n')
    except BaseException as error:
        os.write(tell, ('%s: %r\n' % (attack, error)).encode())
        os._exit(1)
    for _ in steps: pass
os.close(tell)
answers = os.fdopen(told)
for attack in attacks:
    answer = answers.readline()
    if answer != 'begun\n': sys.exit(answer)
print('attacking', flush=True)
signal.pause()
`;

/** Everything that a tenant does, but fill the disk. */
export const attacks = [
  ...['swap', 'move', 'links', 'fifos', 'deep', 'names', 'sparse', 'respawn'],
  ...['stopped', 'descriptors', 'mounts'],
] as const;

export type Attack = (typeof attacks)[number] | 'fill';

export interface Tenant {
  readonly uid: number;
  /** Its home, where it attacks, as it sees that. */
  readonly home: string;
  /** The root directory that it sees; absent: that of the host, which no jail gives it. */
  readonly root?: string;
  /** Where its links lead. */
  readonly outside: string;
  readonly attacks: readonly Attack[];
}

/** The program of a tenant, for python3; it says `attacking` when all of it is at work. */
export function tenantArgv({ uid, home, root = '', outside, attacks: chosen }: Tenant) {
  return ['python3', '-c', program, String(uid), root, home, outside, ...chosen] as const;
}

/**
 * Starts a tenant, as processes of its user, and waits until all of its attacks go on. They do until
 * jailctl ends them, or until the host ends.
 */
export async function attack(host: TestHost, tenant: Tenant): Promise<void> {
  await host.spawn(tenantArgv(tenant)).printed('attacking');
}

const watched = ['/etc/canary', '/root/canary', '/srv/outside', '/srv/x/home'];

/** What no tenant may change: beside the jails, in another jail, in /etc and in root's home. */
export async function makeCanaries(host: TestHost, otherUid: number): Promise<void> {
  await host.ok([
    'sh',
    '-e',
    '-c',
    `mkdir -p /srv/outside/b/c/d/e/f/g
     for at in /srv/outside /srv/outside/b /srv/outside/b/c /srv/outside/b/c/d/e; do
       echo "canary $at" >$at/data; echo more >$at/file; chmod 0640 $at/data; chgrp 42 $at/data
     done
     ln /srv/outside/data /srv/outside/twice; chmod 4755 /srv/outside/file
     setfattr -n user.canary -v alive /srv/outside /srv/outside/b/data 2>/dev/null || true
     echo secret >/etc/canary; chmod 0600 /etc/canary; echo secret >/root/canary
     mkdir -p /srv/x/home/x1/b; echo theirs >/srv/x/home/x1/data
     chown -R ${otherUid}:${otherUid} /srv/x/home/x1; chmod 0777 /srv/x/home/x1/data`,
  ]);
}

/** A line for each canary: inode, mode, owner, links, size, time, target, content, attributes. */
export async function canaries(host: TestHost): Promise<readonly string[]> {
  const places = watched.join(' ');
  const script = `
    find ${places} -printf '%p %i %y %m %U:%G %n %s %T@ %l\\n' | sort
    find ${places} -type f -exec sha256sum {} + | sort
    getfattr --recursive --absolute-names --dump --match=- ${places} | sed 's/^/xattr /'`;
  return (await host.ok(['sh', '-c', script])).split('\n').filter((line) => line !== '');
}
