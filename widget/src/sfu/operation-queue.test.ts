import { describe, expect, it } from 'vitest';
import { OperationQueue, QueueClosedError } from './operation-queue.ts';

/** An operation that ends when the test says so. */
function held<T>(value: T) {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { operation: () => promise, finish: () => resolve(value) };
}

describe('OperationQueue', () => {
  it('begins an operation only after the one before has ended, well or badly', async () => {
    const queue = new OperationQueue();
    const log: string[] = [];
    const first = held('first');
    const results = [
      queue.run('first', async () => {
        log.push('first begins');
        await first.operation();
        log.push('first ends');
        throw new Error('badly');
      }),
      queue.run('second', async () => log.push('second begins')),
    ];
    await Promise.resolve();
    first.finish();
    const [failed] = await Promise.allSettled(results);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'badly' } });
    expect(log).toEqual(['first begins', 'first ends', 'second begins']);
  });

  it('coalesces what waits, and takes up again what is asked while it runs', async () => {
    const queue = new OperationQueue();
    const first = held(undefined);
    let runs = 0;
    void queue.run('first', first.operation);
    const work = async () => void runs++;
    const asked = [queue.runOnce('work', work), queue.runOnce('work', work)];
    first.finish();
    await Promise.all(asked);
    expect(runs).toBe(1);

    const running = held(undefined);
    void queue.runOnce('work', running.operation);
    await Promise.resolve();
    await Promise.resolve();
    const again = queue.runOnce('work', work);
    running.finish();
    await again;
    expect(runs).toBe(2);
  });

  it('drops on close what waits, and the result of what runs', async () => {
    const queue = new OperationQueue();
    const running = held('too late');
    let began = false;
    const results = [queue.run('running', running.operation), queue.run('waiting', async () => (began = true))];
    await Promise.resolve();
    queue.close();
    expect(queue.signal.aborted).toBe(true);
    running.finish();
    for (const result of await Promise.allSettled(results))
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(QueueClosedError) });
    expect(began).toBe(false);
  });
});
