/**
 * Runs what has to be over in time. Where it is not, its signal is aborted, and this rejects with the `AbortError`
 * whether it obeys or not. AbortSignal.timeout cannot be stopped, and its timer would keep a room awake.
 */
export async function withTimeLimit<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const { promise: over, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason));
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await Promise.race([run(signal), over]);
  } finally {
    clearTimeout(timer);
  }
}
