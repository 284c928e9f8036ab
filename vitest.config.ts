import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // npm run test:vm
    exclude: [...configDefaults.exclude, 'test/vm/**'],
    globalSetup: 'test/rig/ledger-table.ts',
    // System tests start processes and enter namespaces: a thread could not be told apart.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
