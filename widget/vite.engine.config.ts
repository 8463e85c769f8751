import { defineConfig } from 'vite';
import { buildOptions } from './build-options.ts';

/** The engine by itself: dist/realtime-call-engine.js, a module, for sites with an interface of their own. */
export default defineConfig({
  ...buildOptions({ entry: 'src/engine.ts', formats: ['es'], fileName: () => 'realtime-call-engine.js' }),
});
