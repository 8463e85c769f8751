import { describe, expect, it } from 'vitest';
import { Preferences } from './preferences.ts';

class MemoryStorage implements Pick<Storage, 'getItem' | 'setItem'> {
  readonly #items = new Map<string, string>();
  getItem = (key: string) => this.#items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.#items.set(key, value);
}

const BLOCKED = {
  getItem: () => {
    throw new DOMException('blocked', 'SecurityError');
  },
  setItem: () => {
    throw new DOMException('full', 'QuotaExceededError');
  },
} as unknown as Storage;
const ear = { id: 'ear', label: 'Headset' };
const desk = { id: 'desk', label: 'Desk microphone' };

describe('Preferences', () => {
  it('remembers a choice over a reload, by id', () => {
    const storage = new MemoryStorage() as unknown as Storage;
    new Preferences(storage).remember('microphone', ear);
    const reloaded = new Preferences(storage);
    expect(reloaded.find('microphone', [desk, ear])).toBe('ear');
    expect(reloaded.find('camera', [desk, ear])).toBe('');
  });

  it('finds the device by name where the browser gave it another id, and nothing where it is gone', () => {
    const preferences = new Preferences(undefined);
    preferences.remember('microphone', ear);
    expect(preferences.find('microphone', [desk, { id: 'new', label: 'Headset' }])).toBe('new');
    expect(preferences.find('microphone', [desk])).toBe('');
    preferences.remember('microphone', { id: 'nameless', label: '' });
    expect(preferences.find('microphone', [{ id: 'other', label: '' }])).toBe('');
  });

  it('trusts the id as long as the browser lists nothing', () => {
    const preferences = new Preferences(undefined);
    preferences.remember('camera', ear);
    expect(preferences.find('camera', [])).toBe('ear');
  });

  it('works for the page where storage is blocked or holds something else', () => {
    const preferences = new Preferences(BLOCKED);
    expect(preferences.find('camera', [ear])).toBe('');
    preferences.remember('camera', ear);
    expect(preferences.find('camera', [desk, ear])).toBe('ear');

    for (const stored of ['{', 'null', '[]', '{"id":1,"label":""}', '"ear"']) {
      const storage = new MemoryStorage();
      storage.setItem('realtime-call.camera', stored);
      expect(new Preferences(storage as unknown as Storage).find('camera', [ear])).toBe('');
    }
  });
});
