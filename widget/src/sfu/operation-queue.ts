/** The queue was closed before the operation could begin or end; its outcome no longer matters to anybody. */
export class QueueClosedError extends Error {
  constructor(operation: string) {
    super(`${operation}: the session is closed`);
    this.name = 'QueueClosedError';
  }
}

/**
 * One session's mutations, one after the other. An operation is the whole exchange (offer, call, answer): the SFU
 * refuses whatever overlaps it.
 */
export class OperationQueue {
  readonly #closing = new AbortController();
  readonly #waiting = new Map<string, Promise<void>>();
  #tail: Promise<unknown> = Promise.resolve();

  /** Aborted by {@link close}: an operation looks at it after every wait. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Rejects with what the operation throws, or with {@link QueueClosedError}. */
  run<T>(name: string, operation: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(async () => {
      if (this.signal.aborted) throw new QueueClosedError(name);
      const value = await operation();
      if (this.signal.aborted) throw new QueueClosedError(name);
      return value;
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /**
   * Like {@link run}, for operations that look at their work when they begin: while one of that name waits its turn,
   * another would find nothing left to do, so the waiting one is returned.
   */
  runOnce(name: string, operation: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(name);
    if (waiting) return waiting;
    const result = this.run(name, () => {
      this.#waiting.delete(name);
      return operation();
    });
    this.#waiting.set(name, result);
    return result;
  }

  /** Nothing begins any more; what runs is told by {@link signal} and its result is dropped. */
  close(): void {
    this.#closing.abort();
  }
}
