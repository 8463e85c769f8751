import { defineConfig } from 'vitest/config';
import { Namespace } from './bench/namespace.ts';
import { firefoxObstacle } from './testing/firefox.ts';

const obstacle = Namespace.obstacle();
if (obstacle) console.warn(`An address that changes is not tested: ${obstacle}.`);
const noFirefox = firefoxObstacle();
if (noFirefox) console.warn(`Calls with Firefox are not tested: ${noFirefox}.`);

/** The example pages in a real browser, through the real Worker and the stand-in SFU. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite/e2e',
  test: {
    name: 'e2e',
    include: ['*.e2e.ts'],
    exclude: [...(obstacle ? ['address-change.e2e.ts'] : []), ...(noFirefox ? ['firefox.e2e.ts'] : [])],
    globalSetup: './testing/global-setup.ts',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000, interval: 100 } },
  },
});
