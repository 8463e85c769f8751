import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { minifyTemplates } from './minify-templates.ts';

// A test run sets it to "test", and a build started below that would take Lit's development version.
process.env['NODE_ENV'] = 'production';

/**
 * What the Worker's static assets say beside the script: pages of any origin may load it as a module, and those that
 * isolate themselves may load it at all.
 */
function assetHeaders(): Plugin {
  const headers = ['Access-Control-Allow-Origin: *', 'Cross-Origin-Resource-Policy: cross-origin'];
  const source = `/realtime-call.js*\n${headers.map((header) => `  ${header}\n`).join('')}`;
  return {
    name: 'asset-headers',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '_headers', source });
    },
  };
}

/** The one script: dist/realtime-call.js, for `<script async>`, `<script defer>` and `<script type="module">` alike. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [minifyTemplates(fileURLToPath(new URL('src/', import.meta.url))), assetHeaders()],
  build: {
    outDir: fileURLToPath(new URL('../dist', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    // Terser, and then the bundler's own: half a kilobyte less than what either makes alone.
    minify: 'terser',
    terserOptions: { ecma: 2020, compress: { passes: 2, pure_getters: true, keep_fargs: false } },
    rolldownOptions: {
      output: { minify: true },
      treeshake: {
        // No getter of ours does anything but read.
        propertyReadSideEffects: false,
        // Of the contract, the script takes the parsers it uses: to make one of the others does nothing either.
        moduleSideEffects: (id) => !id.includes('/broker/protocol/'),
        manualPureFunctions: [
          'optional',
          'orEmpty',
          'parseArray',
          'parseInteger',
          'parseObject',
          'parseOneOf',
          'parseOr',
          'parseString',
        ],
      },
      checks: { pluginTimings: false },
    },
    lib: { entry: 'src/index.ts', name: 'RealtimeCall', formats: ['iife'], fileName: () => 'realtime-call.js' },
  },
});
