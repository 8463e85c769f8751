import { dirname } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests that run in Node: the contract, the workshop and the widget's pure logic. */
export default defineConfig({
  root: dirname(import.meta.dirname),
  test: {
    name: 'unit',
    include: ['broker/protocol/**/*.test.ts', 'broker/dev/**/*.test.ts', 'widget/*.test.ts', 'widget/src/**/*.test.ts'],
    // The stand-in SFU's engine does not survive worker threads.
    pool: 'forks',
    restoreMocks: true,
    hookTimeout: 60_000,
  },
});
