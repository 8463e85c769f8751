import { equal } from '../testing/assert.ts';
import { define } from './define.ts';

describe('define', () => {
  it('registers the first class and lets the second be: a page may load the script twice', () => {
    class First extends HTMLElement {}
    class Second extends HTMLElement {}
    define('rc-twice', First);
    define('rc-twice', Second);
    equal(document.createElement('rc-twice') instanceof First, true);
  });
});
