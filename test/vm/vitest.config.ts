import { defineConfig } from 'vitest/config';

/** `npm run test:vm`: each boot takes half a minute on an idle machine, and minutes on a busy one. */
export default defineConfig({
  test: { include: ['test/vm/*.test.ts'], testTimeout: 900_000, hookTimeout: 900_000, bail: 1 },
});
