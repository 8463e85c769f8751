import { equal } from '../testing/assert.ts';
import { onNetworkChange, onPageWake } from './page-wake.ts';

describe('what wakes a call', () => {
  const connection = Object.assign(new EventTarget(), { type: 'wifi' });
  const original = Object.getOwnPropertyDescriptor(Navigator.prototype, 'connection');
  let wakes: string[] = [];
  let endings: (() => void)[] = [];

  beforeEach(() => {
    Object.defineProperty(navigator, 'connection', { configurable: true, value: connection });
    connection.type = 'wifi';
    wakes = [];
    endings = [onNetworkChange(() => wakes.push('network')), onPageWake(() => wakes.push('page'))];
  });
  afterEach(() => {
    for (const end of endings) end();
    delete (navigator as { connection?: unknown }).connection;
    if (original) Object.defineProperty(Navigator.prototype, 'connection', original);
  });

  const change = (type: string): void => {
    connection.type = type;
    connection.dispatchEvent(new Event('change'));
  };

  it('is a network that is back', () => {
    window.dispatchEvent(new Event('online'));
    equal(wakes, ['network', 'page']);
  });

  it('is another network, and no other speed of the same', () => {
    change('wifi');
    equal(wakes, []);
    change('cellular');
    change('cellular');
    equal(wakes, ['network', 'page']);
  });

  it('is a page that is looked at again, for its socket', () => {
    document.dispatchEvent(new Event('visibilitychange'));
    equal(wakes, ['page']);
  });

  it('is nothing more once it is over', () => {
    for (const end of endings) end();
    window.dispatchEvent(new Event('online'));
    document.dispatchEvent(new Event('visibilitychange'));
    change('cellular');
    equal(wakes, []);
  });
});
