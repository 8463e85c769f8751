/**
 * Parses a JSON object in which no object names a key twice. `JSON.parse` alone lets the last one win, and two readers
 * that disagree about which one counts is how a claim is smuggled past one of them. Throws on everything else.
 */
export function parseStrictJson(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not an object');
  refuseDuplicateKeys(text);
  return Object.fromEntries(Object.entries(value));
}

/** `text` is known to be valid JSON here, so a string followed by a colon is a key. */
function refuseDuplicateKeys(text: string): void {
  const TOKEN = /"(?:[^"\\]|\\.)*"|[{}]/g;
  const open: Set<string>[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0];
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (/^\s*:/.test(text.slice(match.index + token.length))) {
      const key = String(JSON.parse(token));
      const keys = open.at(-1);
      if (!keys || keys.has(key)) throw new SyntaxError('a key is named twice');
      keys.add(key);
    }
  }
}
