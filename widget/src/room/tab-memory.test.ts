import { describe, expect, it } from 'vitest';
import { TabMemory, type TabMemoryOptions, type TabStorage } from './tab-memory.ts';

class FakeStorage extends Map<string, string> implements TabStorage {
  getItem(key: string): string | null {
    return this.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.set(key, value);
  }
  removeItem(key: string): void {
    this.delete(key);
  }
}

const BLOCKED: TabStorage = {
  getItem: () => {
    throw new DOMException('blocked', 'SecurityError');
  },
  setItem: () => {
    throw new DOMException('full', 'QuotaExceededError');
  },
  removeItem: () => {
    throw new DOMException('blocked', 'SecurityError');
  },
};

/** The Web Locks of one browser, shared by its tabs. */
function fakeLocks(): NonNullable<TabMemoryOptions['locks']> {
  const held = new Map<string, Promise<unknown>>();
  const request = async (name: string, options: LockOptions, run: () => Promise<unknown>): Promise<unknown> => {
    const timedOut = new Promise<never>((_, reject) =>
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error)),
    );
    await Promise.race([held.get(name), timedOut]);
    const done = run().finally(() => held.delete(name));
    held.set(name, done);
    return done;
  };
  return { request: request as LockManager['request'] };
}

let ids = 0;
function openTab(storage: TabStorage | undefined, locks?: TabMemoryOptions['locks']): TabMemory {
  return new TabMemory({ storage, locks, newId: () => `id-${++ids}` });
}

describe('a tab', () => {
  it('keeps its guest id and its seats over a reload', async () => {
    const [storage, locks] = [new FakeStorage(), fakeLocks()];
    const before = openTab(storage, locks);
    const id = await before.guestId();
    await before.keepSeat('studio', 'secret');
    before.release();
    const after = openTab(storage, locks);
    expect(await after.guestId()).toBe(id);
    expect(await after.seat('studio')).toBe('secret');
    expect(await after.seat('kitchen')).toBeUndefined();
  });

  it('that is a copy of another becomes somebody else, and leaves the other its seat', async () => {
    const locks = fakeLocks();
    const storage = new FakeStorage();
    const original = openTab(storage, locks);
    const id = await original.guestId();
    await original.keepSeat('studio', 'secret');
    const copy = openTab(new FakeStorage(storage), locks);
    expect(await copy.guestId()).not.toBe(id);
    expect(await copy.seat('studio')).toBeUndefined();
    expect(await original.guestId()).toBe(id);
  });

  it('forgets a seat that was given up', async () => {
    const storage = new FakeStorage();
    const tab = openTab(storage);
    await tab.keepSeat('studio', 'secret');
    await tab.keepSeat('studio', undefined);
    expect(await tab.seat('studio')).toBeUndefined();
    expect(await openTab(storage).seat('studio')).toBeUndefined();
  });

  it.each([
    ['without storage', undefined],
    ['whose storage is blocked', BLOCKED],
  ])('%s remembers for as long as its page lives', async (_, storage) => {
    const tab = openTab(storage);
    expect(await tab.guestId()).toBe(await tab.guestId());
    await tab.keepSeat('studio', 'secret');
    expect(await tab.seat('studio')).toBe('secret');
    await tab.keepSeat('studio', undefined);
    expect(await tab.seat('studio')).toBeUndefined();
  });

  it('whose locks are blocked does without', async () => {
    const storage = new FakeStorage();
    const id = await openTab(storage).guestId();
    const request = (() => Promise.reject(new DOMException('blocked', 'SecurityError'))) as LockManager['request'];
    expect(await openTab(storage, { request }).guestId()).toBe(id);
  });
});
