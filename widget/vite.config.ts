import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

// A test run sets it to "test", and a build started below that would take Lit's development version.
process.env['NODE_ENV'] = 'production';

/**
 * Takes remarks and white space out of styles and templates, which a minifier of scripts leaves as they are. Every line
 * keeps its number, so that the source map stays true.
 */
function minifyTemplates(): Plugin {
  const own = fileURLToPath(new URL('src/', import.meta.url));
  return {
    name: 'minify-templates',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(own)) return null;
      const shorter = code
        .replaceAll(/\bcss`([^`$]*)`/g, (literal, styles: string) => {
          const lines = literal.split('\n').length - 1;
          return `css\`${shortenStyles(styles)}\`${'\n'.repeat(lines)}`;
        })
        .replaceAll(/^[ \t]+/gm, '');
      return { code: shorter, map: null };
    },
  };
}

function shortenStyles(styles: string): string {
  return styles
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,]) ?/g, '$1')
    .replaceAll(/(?<=[{;][\w-]+): /g, ':')
    .replaceAll(';}', '}')
    .trim();
}

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
  plugins: [minifyTemplates(), assetHeaders()],
  build: {
    outDir: fileURLToPath(new URL('../dist', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    lib: { entry: 'src/index.ts', name: 'RealtimeCall', formats: ['iife'], fileName: () => 'realtime-call.js' },
  },
});
