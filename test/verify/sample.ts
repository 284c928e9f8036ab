import type { EngineName } from '../../src/model/settings.ts';
import type { Probe, Severity } from '../../src/verify/probe.ts';
import type { Verdict, VerdictName } from '../../src/verify/verdict.ts';
import type { JailVerification } from '../../src/verify/verify-jail.ts';
import type { VerifyReport } from '../../src/verify/verify-report.ts';
import { jailSettings } from '../rig/settings.ts';

export function probe(id: string, severity: Severity = 'high', more: Partial<Probe> = {}): Probe {
  return {
    id,
    title: `tries ${id.replace('/', ' by ').replaceAll('-', ' ')}`,
    severity,
    layer: 'mount_namespace',
    expected: 'EPERM',
    control: 'root does it outside the jail, in namespaces of its own',
    gain: 'every file of the host that its UID may read',
    remedy:
      'the jail is not the root of its programs: take an OCI runtime as engine, and apply again',
    attempt: async () => ({ found: 'no_control', why: 'a sample is not tried' }),
    ...more,
  };
}

export function verdict(
  one: Probe,
  name: VerdictName,
  evidence = 'EPERM (mount) in the jail, done outside',
  more: Partial<Verdict> = {},
): Verdict {
  return { probe: one, verdict: name, evidence, isError: false, timeMs: 25, ...more };
}

export function wentWrong(one: Probe): Verdict {
  const evidence = 'the attempt went wrong: the probe program said no outcome in the jail';
  return verdict(one, 'not_proven', evidence, { isError: true, timeMs: 20_004 });
}

export function jailOf(
  name: string,
  verdicts: readonly Verdict[],
  engine: EngineName = 'runc',
): JailVerification {
  const jail = jailSettings(name, [{ name: `${name}1`, uid: 70_000 }], {
    mode: 'none',
    refusal: 'reject',
  });
  const enforcement = {
    controllers: new Set<never>(),
    unusable: new Map<never, never>(),
    swapLimited: true,
    hasSwap: false,
    seccomp: true,
  };
  return { subject: { jail, engine, isForeign: false, enforcement }, verdicts };
}

export function reportOf(jails: readonly JailVerification[], isInterrupted = false): VerifyReport {
  return { jails, isInterrupted };
}

/** What a hostile tenant may get into evidence: of a terminal, of HTML, of Markdown, of XML. */
export const hostile =
  '\x1b]0;owned\x07\x9b31m\u202e\u2028\0\ud800 | `code` </td><img src=//evil> ]]> &amp; @admin #1 [x](//evil) "q"\n# head';

/** A report with every kind of verdict. */
export const everyKind: VerifyReport = reportOf([
  jailOf('web', [
    verdict(probe('files/absolute-path', 'critical'), 'passed'),
    verdict(probe('files/planted-link', 'medium'), 'failed', 'the canary was written to'),
    verdict(
      probe('files/hard-links', 'low', { layer: 'the tree of the jail', expected: 'none' }),
      'failed',
      '/srv/web/usr/bin/ls has 2 links, and one of them is outside the jail',
    ),
    verdict(probe('processes/daemon'), 'passed'),
    wentWrong(probe('processes/zombies', 'medium')),
    verdict(
      probe('network/vsock', 'medium'),
      'not_proven',
      'outside the jail it does not work either: EAFNOSUPPORT (socket)',
    ),
    verdict(probe('network/allowed', 'critical'), 'not_applicable', 'the jail has no allow-list'),
    verdict(probe('network/neighbours'), 'not_applicable', 'the jail has no allow-list'),
    verdict(probe('privilege/mount', 'critical'), 'failed', `it worked in the jail: ${hostile}`),
    verdict(probe('resources/fork-bomb'), 'passed', 'exactly 16 processes'),
    verdict(probe('terminal/escape', 'low'), 'passed'),
  ]),
  jailOf(
    'old',
    [
      verdict(probe('files/absolute-path', 'critical'), 'passed'),
      verdict(
        probe('processes/ptrace'),
        'known_weakness',
        'it worked in the jail: done (ptrace); processes of the same user can be traced from inside',
      ),
    ],
    'chroot',
  ),
]);
