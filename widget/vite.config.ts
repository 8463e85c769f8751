import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// A test run sets it to "test", and a build started below that would take Lit's development version.
process.env['NODE_ENV'] = 'production';

/** The one script: dist/realtime-call.js, for `<script async>`, `<script defer>` and `<script type="module">` alike. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: fileURLToPath(new URL('../dist', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    lib: { entry: 'src/index.ts', name: 'RealtimeCall', formats: ['iife'], fileName: () => 'realtime-call.js' },
  },
});
