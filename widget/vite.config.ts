import { defineConfig, mergeConfig, type Plugin } from 'vite';
import { buildOptions } from './build-options.ts';

/**
 * What the Worker's static assets say beside the scripts: pages of any origin may load them as modules, and those that
 * isolate themselves may load them at all.
 */
function assetHeaders(): Plugin {
  const headers = ['Access-Control-Allow-Origin: *', 'Cross-Origin-Resource-Policy: cross-origin'];
  const source = `/realtime-call*\n${headers.map((header) => `  ${header}\n`).join('')}`;
  return {
    name: 'asset-headers',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '_headers', source });
    },
  };
}

/** The one script: dist/realtime-call.js, for `<script async>`, `<script defer>` and `<script type="module">` alike. */
export default defineConfig(
  mergeConfig(buildOptions(), {
    plugins: [assetHeaders()],
    build: {
      emptyOutDir: true,
      lib: { entry: 'src/index.ts', name: 'RealtimeCall', formats: ['iife'], fileName: () => 'realtime-call.js' },
    },
  }),
);
