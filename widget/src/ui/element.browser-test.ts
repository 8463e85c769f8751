import { equal } from '../testing/assert.ts';
import { element } from './element.ts';

describe('element', () => {
  it('registers the first class and lets the second be: a page may load the script twice', () => {
    class First extends HTMLElement {}
    class Second extends HTMLElement {}
    element('rc-twice')(First);
    element('rc-twice')(Second);
    equal(document.createElement('rc-twice') instanceof First, true);
  });
});
