import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';
import { minifyTemplates } from './minify-templates.ts';

/** How both scripts are built: small, for browsers of 2022 and later, with a source map. */
export function buildOptions(): UserConfig {
  // A test run sets it to "test", and a build started below that would take Lit's development version.
  process.env['NODE_ENV'] = 'production';
  return {
    root: import.meta.dirname,
    publicDir: false,
    plugins: [minifyTemplates(fileURLToPath(new URL('src/', import.meta.url)))],
    build: {
      outDir: fileURLToPath(new URL('../dist', import.meta.url)),
      target: 'es2022',
      sourcemap: true,
      // Terser, and then the bundler's own: half a kilobyte less than what either makes alone.
      minify: 'terser',
      terserOptions: {
        ecma: 2020,
        compress: { passes: 2, pure_getters: true, keep_fargs: false, sequences: false, unsafe_arrows: true },
      },
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
    },
  };
}
