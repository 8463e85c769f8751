/** Throws unless both are the same, or look the same as JSON. */
export function equal(actual: unknown, expected: unknown, message = ''): void {
  if (!isEqual(actual, expected)) throw new Error(`${message} expected ${show(expected)}, got ${show(actual)}`.trim());
}

export function notEqual(actual: unknown, unexpected: unknown, message = ''): void {
  if (isEqual(actual, unexpected)) throw new Error(`${message} did not expect ${show(actual)}`.trim());
}

/** Throws unless the text, or the text inside the node, matches. White space counts as one space. */
export function match(actual: string | Node | null | undefined, pattern: RegExp, message = ''): void {
  const text = (typeof actual === 'string' ? actual : (actual?.textContent ?? '')).replaceAll(/\s+/g, ' ').trim();
  if (!pattern.test(text)) throw new Error(`${message} expected ${pattern}, got ${show(text)}`.trim());
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  // A node has no JSON worth comparing.
  return (
    !(a instanceof Node) && !(b instanceof Node) && typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b)
  );
}

function show(value: unknown): string {
  return value instanceof Element ? value.outerHTML : (JSON.stringify(value) ?? String(value));
}
