/** What `read` returns; undefined where it throws. For what came from outside and may be anything. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
