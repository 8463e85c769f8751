import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** The broker's tests run in workerd, against the Worker as wrangler.toml describes it. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../node_modules/.vite/broker',
  plugins: [
    cloudflareTest({
      wrangler: { configPath: '../wrangler.toml' },
      miniflare: {
        bindings: {
          REALTIME_API_URL: 'https://sfu.test/v1',
          REALTIME_APP_ID: 'app',
          REALTIME_APP_TOKEN: 'app-secret',
          ROOM_TOKEN_KEYS: JSON.stringify([
            { kty: 'oct', kid: 'main', alg: 'HS256', k: 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k' },
          ]),
        },
        cf: false,
        // The last line of defence: nothing leaves the machine.
        outboundService: ({ url }: { url: string }) => new Response(`unexpected request: ${url}`, { status: 599 }),
      },
    }),
  ],
  // A machine that does several things at once takes its time for a Worker's many small steps.
  test: { include: ['src/**/*.test.ts'], restoreMocks: true, testTimeout: 20_000 },
});
