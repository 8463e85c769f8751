import { transform } from 'lightningcss';
import { parseSync, Visitor, type Plugin } from 'vite';

/**
 * Minifies the styles and templates in the files below `folder`, which a minifier of scripts leaves as they are. A line
 * break beside a tag, or alone between two expressions, is layout and goes; a space on a line stays. Every expression
 * keeps its line, so that the source map stays true.
 */
export function minifyTemplates(folder: string): Plugin {
  return {
    name: 'minify-templates',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(folder)) return null;
      const minified: { start: number; end: number; text: string }[] = [];
      new Visitor({
        TaggedTemplateExpression({ tag, quasi: { quasis } }) {
          if (tag.type !== 'Identifier') return;
          for (const { start, end, value } of quasis) {
            const text = minify(tag.name, value.raw);
            // The lines that went come after the `${` or the closing quote, where they mean nothing.
            const lines = '\n'.repeat(countLines(value.raw) - countLines(text));
            const closing = code.slice(start + 1 + value.raw.length, end);
            minified.push({ start: start + 1, end, text: text + closing + lines });
          }
        },
      }).visit(parseSync(id, code).program);
      // From the end, for what comes before keeps its place then.
      minified.sort((a, b) => b.start - a.start);
      return {
        code: minified.reduce((rest, { start, end, text }) => rest.slice(0, start) + text + rest.slice(end), code),
        map: null,
      };
    },
  };
}

/** The text of a template, or its part between two expressions. Styles must be without expressions. */
function minify(tag: string, text: string): string {
  if (tag === 'css') return transform({ filename: 'css', code: Buffer.from(text), minify: true }).code.toString();
  if (tag !== 'html' && tag !== 'svg') return text;
  return text
    .replaceAll(/(?<=>)\s*\n\s*|\s*\n\s*(?=[<>])|^\s*\n\s*$/g, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/(?<= [\w-]+=)"([\w-]+)"(?=[ >])/g, '$1');
}

function countLines(text: string): number {
  return text.split('\n').length;
}
