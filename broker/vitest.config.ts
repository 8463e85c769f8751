import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

/** Suites with sockets in which a client does the same whether or not it was cut off between any two of its steps. */
const WITH_SOCKETS = [
  'src/room/{call,conversation,grants,join,moderation,room-object,waiting-room}.test.ts',
  'src/{server-api,webhooks}/*.test.ts',
  'src/sfu/{any-client,proxy}.test.ts',
];

/**
 * Tests that run in workerd, against the Worker as wrangler.toml describes it. Between any two steps of theirs the object
 * is evicted, or evicted and its sockets cut.
 */
export function project(disturbance: 'evicted' | 'cut', include: string[]): TestProjectInlineConfiguration {
  return {
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
    test: {
      name: disturbance,
      include,
      provide: { disturbance, modelSeeds: Number(process.env['MODEL_SEEDS'] ?? 20) },
      restoreMocks: true,
      // A machine that does several things at once takes its time for a Worker's many small steps.
      testTimeout: 20_000,
    },
  };
}

export default defineConfig({
  test: { projects: [project('evicted', ['src/**/*.test.ts']), project('cut', WITH_SOCKETS)] },
});
