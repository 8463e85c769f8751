import { describe, expect, it } from 'vitest';
import { minifyTemplates } from './minify-templates.ts';

function minify(code: string, file = '/widget/src/tile.ts'): string {
  const { transform } = minifyTemplates('/widget/src/');
  if (typeof transform !== 'function') throw new Error('the plugin transforms nothing');
  const result = transform.call({} as never, code, file);
  return result && typeof result === 'object' && 'code' in result ? String(result.code) : code;
}

describe('the templates in the built script', () => {
  it('lose the line breaks beside tags and needless quotes, and keep the spaces on a line', () => {
    const code =
      'html`\n  <p\n    class="a ${z}"\n    part="b"\n    title="b c"\n  >\n    <b>${x}.</b> ${y}\n  </p>\n`;';
    const line = minify(code).replaceAll('\n', '');
    expect(line).toBe('html`<p class="a ${z}" part=b title="b c"><b>${x}.</b> ${y}</p>`;');
  });

  it('keep the line of every expression, in templates inside of templates too', () => {
    const code =
      'html`\n  <p>\n    ${first}\n  </p>\n  ${\n    open\n      ? html`<b>\n          ${second}\n        </b>`\n      : third\n  }\n`;\nlast;';
    const lineOf = (text: string, word: string) => text.slice(0, text.indexOf(word)).split('\n').length;
    const minified = minify(code);
    expect(minified).toContain('<b>${');
    for (const word of ['first', 'second', 'third', 'last']) expect(lineOf(minified, word)).toBe(lineOf(code, word));
  });

  it('are the only thing that changes', () => {
    for (const code of ['const text = `a\n  b`;', 'other`\n  <p>\n  </p>`;', 'a\n  <b\n  > c;'])
      expect(minify(code)).toBe(code);
    expect(minify('html`\n<p></p>`', '/node_modules/lit/x.js')).toBe('html`\n<p></p>`');
  });

  it('have styles without remarks and white space', () => {
    const code =
      "css`\n  /* Wide. */\n  :host([source='screen']) video {\n    color: #ffffff;\n    inset: 0 auto;\n  }\n`;";
    expect(minify(code).trim()).toMatch(/^css`:host\(\[source=screen\]\) video\{color:#fff;inset:0 auto\}`\n*;$/);
  });
});
