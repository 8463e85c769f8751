/** `state` with these values; the same object where they say nothing new. Values are compared by what they hold. */
export function change<T extends object>(state: T, values: Partial<T>): T {
  const isNew = (key: string): boolean =>
    JSON.stringify(values[key as keyof T]) !== JSON.stringify(state[key as keyof T]);
  return Object.keys(values).some(isNew) ? { ...state, ...values } : state;
}
