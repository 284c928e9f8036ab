import { pbkdf2Sync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { exec, preferCrun, provision } from './exec-jail.ts';

const lacks = (...paths: readonly string[]) => !paths.some(existsSync);
const noGcc = lacks('/usr/bin/gcc', '/usr/local/bin/gcc');
const noJava = lacks('/usr/bin/javac', '/usr/local/bin/javac');

const lists = ['bash', 'python3', 'perl', 'node']
  .concat(noGcc ? [] : ['gcc'], noJava ? [] : ['java'])
  .map(requirement);

const manifest = `uids: 82000-82999
jails:
  all:
    users: 2
    requirements: [${lists.join(', ')}]
    limits: { processes: 64, memory: 512MiB, wall_time: 30s, cpu_time: 20s, output: 1MiB }
`;

const pythonProgram = `
import asyncio, concurrent.futures, ctypes, fcntl, json, mmap, multiprocessing as mp, os, select, shutil, signal, socket
import sqlite3, ssl, subprocess, sys, tempfile, threading, time
from multiprocessing import shared_memory
done = []
with tempfile.TemporaryDirectory() as d:
    db = sqlite3.connect(d + '/x.db'); db.execute('create table t (n)'); db.execute('insert into t values (6)')
    db.commit(); done.append(db.execute('select n * 7 from t').fetchone()[0])
    shutil.copy(d + '/x.db', d + '/y.db'); os.copy_file_range(os.open(d + '/x.db', 0), os.open(d + '/z', 65), 100)
    os.mkfifo(d + '/f'); os.symlink('x.db', d + '/l'); os.link(d + '/x.db', d + '/h'); os.rename(d + '/h', d + '/i')
    fcntl.flock(os.open(d + '/i', 0), fcntl.LOCK_EX); os.utime(d + '/i'); os.chmod(d + '/i', 0o600)
ctx = mp.get_context('spawn')
def square(n): return n * n
def child(queue, lock):
    with lock: queue.put(os.getpid() > 1)
if __name__ == '__main__':
    for method in ('fork', 'spawn', 'forkserver'):
        with mp.get_context(method).Pool(3) as pool: done.append(sum(pool.map(square, range(10))))
    with concurrent.futures.ThreadPoolExecutor(48) as pool: done.append(sum(pool.map(square, range(100))))
    block = shared_memory.SharedMemory(create=True, size=4096); block.buf[0] = 7; block.close(); block.unlink()
    left, right = socket.socketpair(); left.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, (0).to_bytes(4, 'little'))])
    right.recvmsg(1, 100)
    server = socket.create_server(('127.0.0.1', 0)); client = socket.create_connection(server.getsockname()[:2]); server.accept()
    epoll = select.epoll(); epoll.register(client)
    unix = socket.socket(socket.AF_UNIX); unix.bind('\\0abstract'); unix.listen()
    m = os.memfd_create('m'); os.write(m, b'x' * 10); os.sendfile(left.fileno(), m, 0, 10)
    mmap.mmap(-1, 1 << 20)
    async def ask():
        p = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1)
        return (await p.communicate(b'piped'))[0].decode()
    done.append(asyncio.run(ask()))
    done.append(subprocess.run('echo $((6*7)) | tr 4 5', shell=True, capture_output=True, text=True).stdout.strip())
    hits = []; signal.signal(signal.SIGALRM, lambda *a: hits.append(1)); signal.setitimer(signal.ITIMER_REAL, .01); time.sleep(.05)
    done += [len(hits), os.sched_getaffinity(0) != set(), ssl.create_default_context() is not None, len(os.urandom(8))]
    print(json.dumps(done))
`;

const perlProgram = `
use strict; use warnings; use POSIX ':sys_wait_h'; use IO::Socket::INET; use IPC::SysV qw(IPC_PRIVATE S_IRUSR S_IWUSR IPC_RMID);
use Time::HiRes 'usleep'; use File::Temp 'tempfile'; use Fcntl ':flock';
my ($fh, $name) = tempfile(); flock($fh, LOCK_EX) or die; print $fh 'text'; close $fh;
my $sum = 0; for my $n (1..5) { pipe(my $r, my $w); my $pid = fork // die; if (!$pid) { print $w $n * $n; exit 0 } close $w; $sum += <$r>; waitpid $pid, 0 }
my $id = shmget(IPC_PRIVATE, 4096, S_IRUSR | S_IWUSR) // die "shmget $!"; shmwrite($id, 'shared', 0, 6) or die; my $got; shmread($id, $got, 0, 6); shmctl($id, IPC_RMID, 0);
my $q = msgget(IPC_PRIVATE, S_IRUSR | S_IWUSR) // die "msgget $!"; msgsnd($q, pack('l! a*', 1, 'm'), 0) or die; msgctl($q, IPC_RMID, 0);
my $server = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die; my $client = IO::Socket::INET->new($server->sockhost . ':' . $server->sockport) or die;
local $SIG{ALRM} = sub { print "alarm " }; alarm 1; my $out = \`echo shell\`; chomp $out; sleep 2;
print "$sum $got $out ", join(',', map { sprintf '%02d', $_ } sort { $a <=> $b } 3, 1, 2), "\\n";
`;

const nodeProgram = `
const { Worker } = require('node:worker_threads'), { execFileSync, fork } = require('node:child_process');
const fs = require('node:fs'), http = require('node:http'), crypto = require('node:crypto'), zlib = require('node:zlib'), os = require('node:os');
const work = (n) => new Promise((ok, bad) => new Worker(\`require('worker_threads').parentPort.postMessage(\${n}**2)\`, { eval: true }).on('message', ok).on('error', bad));
const wasm = new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0]));
(async () => {
  const squares = await Promise.all([1, 2, 3].map(work));
  fs.writeFileSync('/tmp/a', 'x'); fs.cpSync('/tmp/a', '/tmp/b'); const watcher = fs.watch('/tmp'); watcher.close();
  const server = http.createServer((_, response) => response.end('served')).listen(0, '127.0.0.1');
  await new Promise((ok) => server.once('listening', ok));
  const text = await (await fetch('http://127.0.0.1:' + server.address().port)).text(); server.close();
  const key = await new Promise((ok) => crypto.pbkdf2('a', 'b', 1000, 8, 'sha256', (_, k) => ok(k.toString('hex'))));
  const packed = zlib.gunzipSync(zlib.gzipSync('zipped')).toString();
  console.log(JSON.stringify([squares, text, key, packed, execFileSync('sh', ['-c', 'echo child']).toString().trim(), wasm instanceof WebAssembly.Module, os.cpus().length >= 0]));
  process.exit(0);
})();
`;

const cProgram = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define MUST(x) do { if (!(x)) { perror(#x); exit(1); } } while (0)
static sem_t ready; static sigjmp_buf out; extern char **environ;
static void *thread(void *n) { sem_post(&ready); *(double *)n = sqrt(*(double *)n); return NULL; }
static void caught(int s) { (void)s; siglongjmp(out, 1); }
int main(void) {
  double n[60]; pthread_t t[60]; double sum = 0; MUST(sem_init(&ready, 0, 0) == 0);
  for (int i = 0; i < 60; i++) { n[i] = i * i; MUST(pthread_create(&t[i], NULL, thread, &n[i]) == 0); }
  for (int i = 0; i < 60; i++) { MUST(pthread_join(t[i], NULL) == 0); sum += n[i]; }
  int fd = shm_open("/s", O_CREAT | O_RDWR, 0600); MUST(fd >= 0 && ftruncate(fd, 4096) == 0);
  char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); MUST(p != MAP_FAILED);
  mqd_t q = mq_open("/q", O_CREAT | O_RDWR, 0600, NULL); MUST(q >= 0 && mq_send(q, "m", 1, 0) == 0);
  sem_t *named = sem_open("/n", O_CREAT, 0600, 1); MUST(named != SEM_FAILED);
  if (fork() == 0) { strcpy(p, "from the child"); _exit(0); } wait(NULL);
  void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(mprotect(code, 4096, PROT_READ | PROT_EXEC) == 0);
  timer_t timer; MUST(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
  pid_t pid; char *args[] = { "true", NULL }; MUST(posix_spawnp(&pid, "true", NULL, NULL, args, environ) == 0); waitpid(pid, NULL, 0);
  signal(SIGSEGV, caught); if (sigsetjmp(out, 1) == 0) *(volatile int *)0 = 1;
  char *big = malloc(64 << 20); MUST(big); memset(big, 1, 64 << 20); MUST(realloc(big, 96 << 20));
  printf("%.0f %s\\n", sum, p); return 0;
}`;
const cAnswer = '1770 from the child\n';

const javaProgram = `
import java.nio.file.*; import java.util.*; import java.util.concurrent.*; import java.util.stream.*;
public class Main {
  public static void main(String[] args) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 20; i++) { int n = i; futures.add(pool.submit(() -> n * n)); }
    int sum = 0; for (Future<Integer> f : futures) sum += f.get(); pool.shutdown();
    Path file = Files.createTempFile("a", "b"); Files.writeString(file, "written");
    long primes = IntStream.range(2, 1000).parallel().filter(n -> IntStream.range(2, n).noneMatch(d -> n % d == 0)).count();
    Process child = new ProcessBuilder("sh", "-c", "echo child").start();
    System.out.println(sum + " " + Files.readString(file) + " " + primes + " " + new String(child.getInputStream().readAllBytes()).trim());
  }
}`;

let host: TestHost;

beforeAll(async () => {
  host = await testHost({ cgroups: true });
  const node = await host.run(['sh', '-c', 'command -v node']);
  if (node.exitCode !== 0) await host.ok(['cp', process.execPath, '/usr/local/bin/node']);
  await preferCrun(host);
  await provision(host, manifest);
});
afterAll(() => host[Symbol.asyncDispose]());

const inJail = (argv: readonly string[], input = '', ...options: string[]) =>
  host.jailctl(['exec', ...options, 'all/all1', '--', ...argv], { input });

/** Where a program is a file: a language needs one to start its children from. */
async function inHome(name: string, text: string): Promise<string> {
  const path = `/home/all1/${name}`;
  await host.write(`/srv/all${path}`, text);
  return path;
}

describe('under the default filter of system calls, with 64 processes', () => {
  test('Python runs: threads, pools of each kind, shared memory, sockets, databases', async () => {
    const program = await inHome('main.py', pythonProgram);
    expect(await inJail(['python3', program])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: '[42, 285, 285, 285, 328350, "piped", "52", 1, true, true, 8]\n',
    });
  });

  test('Perl runs: children, System V objects, sockets, alarms', async () => {
    expect(await inJail(['perl', '-e', perlProgram])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'alarm 55 shared shell 01,02,03\n',
    });
  });

  test('Node runs: workers, a server, its thread pool, WebAssembly, children', async () => {
    expect(await inJail(['node', '-e', nodeProgram])).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `[[1,4,9],"served","${pbkdf2Sync('a', 'b', 1000, 8, 'sha256').toString('hex')}","zipped","child",true,true]\n`,
    });
  });

  test.skipIf(noGcc)('C runs that was compiled outside', async () => {
    const compile = [
      'gcc',
      '-O2',
      '-pthread',
      '-x',
      'c',
      '-',
      '-o',
      '/srv/all/home/all1/outside',
      '-lm',
      '-lrt',
    ] as const;
    await host.ok(compile, { input: cProgram });
    expect(await inJail(['./outside'])).toEqual({ exitCode: 0, stderr: '', stdout: cAnswer });
  });

  test.skipIf(noGcc)('C is compiled inside, and runs', async () => {
    const flags = ['-O2', '-pthread', '-x', 'c', '-', '-o', 'inside', '-lm', '-lrt'];
    const compiled = await inJail(['gcc', ...flags], cProgram);
    expect(compiled).toEqual({ exitCode: 0, stderr: '', stdout: '' });
    expect(await inJail(['./inside'])).toEqual({ exitCode: 0, stderr: '', stdout: cAnswer });
    const wrong = await inJail(
      ['gcc', '-fsyntax-only', '-x', 'c', '-'],
      'int main(void) { return x; }',
    );
    expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('undeclared') });
  });

  test.skipIf(noJava)(
    'Java is compiled inside, and runs: threads, streams, files, children',
    async () => {
      const source = await inHome('Main.java', javaProgram);
      const command = `javac -d /home/all1 ${source} && exec java -cp /home/all1 Main`;
      expect(await inJail(['sh', '-c', command])).toEqual({
        exitCode: 0,
        stderr: '',
        stdout: '2470 written 168 child\n',
      });
    },
  );

  test('shells run pipelines, jobs and process substitution', async () => {
    const script = `set -euo pipefail
seq 1000 | sort -rn | grep 7 | sed 's/7/x/' | wc -l
cat <(echo one) <(echo two) | tr '\\n' ' '
sleep 0.1 & wait $!; trap 'echo trapped' USR1; kill -USR1 $$
coproc cat; echo co >&"\${COPROC[1]}"; read -r line <&"\${COPROC[0]}"; echo "$line"
ulimit -n; cat <<<here`;
    const { stdout, stderr, exitCode } = await inJail(['bash', '-c', script]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^271\none two trapped\nco\n\d+\nhere\n$/);
    expect(exitCode).toBe(0);
  });
});

describe('processes and threads', () => {
  test('are counted together, and 64 of them can be', async () => {
    const program = `
import os, threading
n = 0
try:
    while True: threading.Thread(target=threading.Event().wait, daemon=True).start(); n += 1
except RuntimeError: pass
print(n, flush=True)
os._exit(0)`;
    const { output, result } = await exec(host, { jail: 'all', argv: ['python3', '-c', program] });
    expect(output).toBe('63\n');
    expect(result).toMatchObject({ status: 'ok', processes_peak: 64 });
  });
});
