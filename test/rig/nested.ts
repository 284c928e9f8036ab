import { fileURLToPath } from 'node:url';
import type { TestHost } from './host.ts';

export const throwawayModule = fileURLToPath(
  new URL('../../src/host/throwaway.ts', import.meta.url),
);

/**
 * Runs JavaScript in `host`, with a throwaway host of that host as `inner`, and `shell` to run
 * shell text in it. So a test can choose what the copied host is like.
 * @returns what `body` returns, through JSON
 */
export async function nested(host: TestHost, body: string): Promise<unknown> {
  const script = `
    import { createThrowawayHost } from ${JSON.stringify(throwawayModule)};
    await using inner = await createThrowawayHost();
    const shell = async (text) => (await inner.run(['sh', '-c', text])).stdout;
    const answer = await (async () => { ${body} })();
    console.log(JSON.stringify(answer));
  `;
  return JSON.parse(await host.ok([process.execPath, '--input-type=module', '-e', script]));
}
