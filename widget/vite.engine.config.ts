import { defineConfig, mergeConfig } from 'vite';
import { buildOptions } from './build-options.ts';

/** The engine by itself: dist/realtime-call-engine.js, a module, for sites with an interface of their own. */
export default defineConfig(
  mergeConfig(buildOptions(), {
    build: {
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: {
        // Not as a library, of which Vite leaves the annotations for a bundler that may come after it.
        input: 'src/engine.ts',
        preserveEntrySignatures: 'strict',
        output: { format: 'es', entryFileNames: 'realtime-call-engine.js' },
      },
    },
  }),
);
