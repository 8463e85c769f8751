import { equal } from './testing/assert.ts';

describe('a page with two versions of the script', () => {
  it('keeps the first, and is told so once', async () => {
    const { warn } = console;
    const warnings: unknown[] = [];
    Object.assign(console, { warn: (...words: unknown[]) => void warnings.push(...words) });
    class OlderElement extends HTMLElement {
      static readonly version = '0.0.1';
    }
    customElements.define('realtime-call', OlderElement);
    document.body.append(document.createElement('realtime-call'));

    await import('./index.ts');

    Object.assign(console, { warn });
    equal(customElements.get('realtime-call'), OlderElement);
    equal(warnings, ['<realtime-call> is already defined by version 0.0.1, which stays in use instead of 0.1.0.']);
    document.body.replaceChildren();
  });
});
