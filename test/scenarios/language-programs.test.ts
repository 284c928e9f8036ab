import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { apply, expectNothingToDo, shell, writeManifest } from './jails.ts';

const lacks = (path: string) => !existsSync(path);
const noGcc = lacks('/usr/bin/gcc') && lacks('/usr/local/bin/gcc');
const noJava = lacks('/usr/bin/java') && lacks('/usr/local/bin/java');

/** Provisions a jail with one requirement file, and more tools. */
async function jailWith(host: TestHost, name: string, tools: readonly string[] = []) {
  await writeManifest(
    host,
    `jails:\n  web: { users: 1, requirements: [${requirement(name)}], tools: [${tools.join(', ')}] }\n`,
  );
  await apply(host);
  await expectNothingToDo(host);
}

/** Runs a program as the jail's user, by plain chroot(8). @returns what it printed */
async function inJail(host: TestHost, argv: readonly string[], input = ''): Promise<string> {
  const home = '/home/web1';
  return host.ok(['chroot', '--userspec=web1', '/web', ...argv], {
    input,
    env: { HOME: home, TMPDIR: home },
  });
}

describe('a jail made from a requirement file runs real programs', () => {
  test('python3: ssl, sqlite3, json, decimal, and a syntax error', async () => {
    await using host = await testHost();
    await jailWith(host, 'python3');
    const program = `
import asyncio, ctypes, decimal, hashlib, json, lzma, multiprocessing, sqlite3, ssl, subprocess, sys, tempfile, threading, unicodedata, zlib, zoneinfo
context = ssl.create_default_context()
database = sqlite3.connect('/home/web1/data.db')
database.execute('create table numbers (n)')
database.executemany('insert into numbers values (?)', [(n,) for n in range(10)])
total = database.execute('select sum(n) from numbers').fetchone()[0]
tenth = decimal.Decimal(1) / decimal.Decimal(3)
print(json.dumps({'total': total, 'third': str(tenth)[:6], 'name': unicodedata.name('é')}))
print(hashlib.sha256(zlib.compress(lzma.compress(b'x'))).hexdigest() != '', ssl.OPENSSL_VERSION.split()[0])
print('é'.upper(), asyncio.run(asyncio.sleep(0, 'slept')))`;
    expect(await inJail(host, ['python3', '-c', program])).toBe(
      '{"total": 45, "third": "0.3333", "name": "LATIN SMALL LETTER E WITH ACUTE"}\n' +
        'True OpenSSL\nÉ slept\n',
    );
    const wrong = await host.run(['chroot', '--userspec=web1', '/web', 'python3', '-c', '(']);
    expect(wrong).toMatchObject({ exitCode: 1, stderr: /SyntaxError/ });
  });

  test('bash: pipes, arithmetic, find, sort, sed, here-documents', async () => {
    await using host = await testHost();
    await jailWith(host, 'bash');
    const script = `
set -euo pipefail
cd "$HOME"
mkdir -p d/{a,b}; for n in 3 1 2; do echo "line $n" >d/a/$n.txt; done
find d -type f -name '*.txt' | sort -r | xargs cat | sed 's/line/Line/' | tr '\\n' ','
echo; seq 5 | grep -v 3 | wc -l; echo $(( 2**10 ))
cat <<<"$(printf '%s\\n' b a | sort | head -n 1)"
declare -A map=([k]=v); echo "\${map[k]}" >(cat) | cut -d' ' -f1`;
    expect(await inJail(host, ['bash', '-c', script])).toBe(
      'Line 3,Line 2,Line 1,\n4\n1024\na\nv\n',
    );
  });

  test('perl: POSIX, regular expressions, Unicode, core modules', async () => {
    await using host = await testHost();
    await jailWith(host, 'perl');
    const program = `
use strict; use warnings; use utf8; use POSIX qw(floor strftime); use List::Util qw(sum);
use Data::Dumper; use File::Temp; use Scalar::Util qw(blessed); use Time::HiRes;
binmode STDOUT, ':utf8';
print floor(7.9), ' ', sum(1..10), ' ', strftime('%Y', gmtime(0)), "\\n";
my %count; $count{$_}++ for 'banana' =~ /\\w/g; print join(',', map {"$_$count{$_}"} sort keys %count), "\\n";
print uc('é'), "\\n";`;
    expect(await inJail(host, ['perl', '-e', program])).toBe('7 55 1970\na3,b1,n2\nÉ\n');
  });

  test('node: fs, crypto, worker threads, modules from a file', async () => {
    await using host = await testHost();
    const present = await host.run(['sh', '-c', 'command -v node']);
    if (present.exitCode !== 0) await host.ok(['cp', process.execPath, '/usr/local/bin/node']);
    await jailWith(host, 'node');
    const program = `
const fs = require('fs'), crypto = require('crypto'), zlib = require('zlib');
const { Worker } = require('worker_threads');
fs.writeFileSync('/home/web1/m.mjs', 'export default 6 * 7');
console.log(crypto.createHash('sha256').update('x').digest('hex').slice(0, 8));
console.log(zlib.gunzipSync(zlib.gzipSync('zipped')).toString(), 'é'.localeCompare('f') < 0);
import('/home/web1/m.mjs').then((m) => {
  console.log(m.default);
  new Worker("require('worker_threads').parentPort.postMessage('worked')", { eval: true })
    .on('message', (text) => console.log(text));
});`;
    expect(await inJail(host, ['node', '-e', program])).toBe('2d711642\nzipped true\n42\nworked\n');
  });

  test.skipIf(noGcc)(
    `gcc: compiles, links and runs${noGcc ? ' (skipped: this host has no gcc)' : ''}`,
    async () => {
      await using host = await testHost();
      await jailWith(host, 'gcc');
      const program = `
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
static void *square(void *n) { *(double *)n *= *(double *)n; return NULL; }
int main(int argc, char **argv) {
  double n = sqrt(argc + 15.0);
  pthread_t thread;
  if (pthread_create(&thread, NULL, square, &n) || pthread_join(thread, NULL)) return 1;
  printf("%.0f %s\\n", n, argv[0]);
  return EXIT_SUCCESS;
}`;
      const flags = ['-O2', '-Wall', '-Werror', '-pthread', '-x', 'c', '-', '-lm'];
      expect(await inJail(host, ['gcc', ...flags, '-o', '/home/web1/program'], program)).toBe('');
      expect(await inJail(host, ['/home/web1/program'])).toBe('16 /home/web1/program\n');
      const wrong = await host.run(
        ['chroot', '--userspec=web1', '/web', 'gcc', '-fsyntax-only', '-x', 'c', '-'],
        { input: 'int main(void) { return x; }', env: { TMPDIR: '/home/web1' } },
      );
      expect(wrong).toMatchObject({ exitCode: 1, stderr: /‘x’ undeclared|'x' undeclared/ });
    },
  );

  test.skipIf(noJava)(
    `java: a class with collections and threads${noJava ? ' (skipped: this host has no java)' : ''}`,
    async () => {
      await using host = await testHost();
      await jailWith(host, 'java');
      const version = await host.run(['chroot', '--userspec=web1', '/web', 'java', '-version']);
      expect(version).toMatchObject({ exitCode: 0, stderr: /Runtime Environment/ });
      const program = `
import java.util.*;
import java.util.stream.*;
public class Hello {
  public static void main(String[] args) throws Exception {
    Thread thread = new Thread(() -> System.out.println("from a thread"));
    thread.start();
    thread.join();
    System.out.println(IntStream.rangeClosed(1, 10).boxed().collect(Collectors.summingInt(n -> n)));
    System.out.println(String.format(Locale.ROOT, "%.2f", Math.PI));
  }
}`;
      await host.write('/web/home/web1/Hello.java', program);
      // Where there is only a runtime, the host has nothing to compile with.
      const compiler = await shell(host, 'ls /web/usr/bin/javac 2>/dev/null || true');
      if (compiler === '') return;
      await inJail(host, ['javac', '-d', '/home/web1', '/home/web1/Hello.java']);
      expect(await inJail(host, ['java', '-cp', '/home/web1', 'Hello'])).toBe(
        'from a thread\n55\n3.14\n',
      );
    },
  );
});
