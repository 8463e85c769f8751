/** The part of `sessionStorage` that is used. */
export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const GUEST_KEY = 'realtime-call:guest';
const SEAT_PREFIX = 'realtime-call:seat:';
/** Longer than a page that is being reloaded takes to let go. */
const CLAIM_TIMEOUT_MS = 500;

export interface TabMemoryOptions {
  /** Undefined where the browser blocks it; things are then remembered as long as the page lives. */
  storage: TabStorage | undefined;
  locks: Pick<LockManager, 'request'> | undefined;
  newId(): string;
}

/**
 * What a tab remembers over a reload: a guest id, for sites without accounts, and the secret of each seat. A duplicated
 * tab begins with a copy of all that; it finds the id locked by the first tab, and becomes somebody else.
 */
export class TabMemory {
  readonly #options: TabMemoryOptions;
  readonly #fallback = new Map<string, string>();
  #claim: Promise<string> | undefined;
  #release: (() => void) | undefined;

  constructor(options: TabMemoryOptions) {
    this.#options = options;
  }

  /** The id of this tab's visitor. Resolves once it is sure that no other tab uses it. */
  guestId(): Promise<string> {
    return (this.#claim ??= this.#claimId());
  }

  /** The secret of the seat last held in a room, or undefined. */
  async seat(room: string): Promise<string | undefined> {
    return this.#read(seatKey(await this.guestId(), room));
  }

  /** Remembers the secret of a seat; undefined forgets it. */
  async keepSeat(room: string, secret: string | undefined): Promise<void> {
    this.#write(seatKey(await this.guestId(), room), secret);
  }

  /** The page goes away: the id is free for the page that is loaded in its place. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
    this.#claim = undefined;
  }

  async #claimId(): Promise<string> {
    const known = this.#read(GUEST_KEY);
    if (known !== undefined && (await this.#lock(known))) return known;
    const id = this.#options.newId();
    this.#write(GUEST_KEY, id);
    await this.#lock(id);
    return id;
  }

  /** False where another tab holds it. Without locks nobody can tell, and the id is taken. */
  #lock(id: string): Promise<boolean> {
    const { locks } = this.#options;
    if (!locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const held = locks.request(`realtime-call:${id}`, { signal: AbortSignal.timeout(CLAIM_TIMEOUT_MS) }, () => {
        resolve(true);
        return new Promise<void>((release) => (this.#release = release));
      });
      // Rejects where the lock was not given in time, or the browser blocks locks together with storage.
      held.catch((error: unknown) => resolve(!(error instanceof DOMException && error.name === 'TimeoutError')));
    });
  }

  #read(key: string): string | undefined {
    try {
      return this.#options.storage?.getItem(key) ?? this.#fallback.get(key);
    } catch {
      return this.#fallback.get(key);
    }
  }

  #write(key: string, value: string | undefined): void {
    if (value === undefined) this.#fallback.delete(key);
    else this.#fallback.set(key, value);
    try {
      if (value === undefined) this.#options.storage?.removeItem(key);
      else this.#options.storage?.setItem(key, value);
    } catch {
      // Blocked or full: remembered for as long as the page lives.
    }
  }
}

/** Bound to the guest id, so that the copy in a duplicated tab is of no use to it. */
function seatKey(guestId: string, room: string): string {
  return `${SEAT_PREFIX}${guestId}:${room}`;
}
