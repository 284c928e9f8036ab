import { expect } from 'vitest';
import type { TestHost } from '../rig/host.ts';

interface Finding {
  readonly status: string;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly remedies: readonly { does: string; command?: string; manifest?: string }[];
}
export interface Examination {
  readonly id: string;
  readonly status: string;
  readonly findings: readonly Finding[];
}

/** What one check finds on a throwaway host. */
export async function checkOn(
  host: TestHost,
  id: string,
  ...args: readonly string[]
): Promise<Examination> {
  const { exitCode, stdout } = await host.jailctl(['doctor', '--check', id, '--json', ...args]);
  const report = JSON.parse(stdout);
  expect(exitCode).toBe(report.summary.problems > 0 ? 1 : 0);
  expect(report.checks).toMatchObject([{ id }]);
  return report.checks[0];
}

/** Puts a text in place of a file, also of the kernel's, as long as `look` takes. */
export async function replacedOn<T>(
  host: TestHost,
  path: string,
  text: string,
  look: () => Promise<T>,
): Promise<T> {
  await host.write('/run/replacement', text, 0o755);
  await host.ok(['mount', '--bind', '/run/replacement', path]);
  try {
    return await look();
  } finally {
    await host.ok(['umount', path]);
  }
}
