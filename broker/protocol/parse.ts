/** Combinators for parsing values that came from outside. A parser throws {@link ParseError} or returns a fresh value. */

export class ParseError extends Error {
  readonly code = 'decoding_error';
  readonly path: string;

  constructor(path: string, expected: string) {
    super(`${path || 'the value'} must be ${expected}`);
    this.name = 'ParseError';
    this.path = path;
  }
}

export type Parser<T> = (value: unknown, path: string) => T;

export function parseRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ParseError(path, 'an object');
  return value as Record<string, unknown>;
}

/**
 * An object with no members but `names`. What would be passed over in silence is refused instead: a misspelt field, or one
 * that asks for more than is given. Members of `off` may be there as false.
 */
export function parseExactRecord(
  value: unknown,
  path: string,
  names: readonly string[],
  off?: string,
): Record<string, unknown> {
  const record = parseRecord(value, path);
  for (const name of Object.keys(record)) {
    const isOff = name === off && record[name] === false;
    if (!isOff && !names.includes(name)) throw new ParseError(`${path}.${name}`.slice(0, 200), 'absent');
  }
  return record;
}

export function parseJson(text: string, path = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParseError(path, 'valid JSON');
  }
}

/** @__NO_SIDE_EFFECTS__ */
export function parseString(maxCharacters: number, pattern?: RegExp): Parser<string> {
  return (value, path) => {
    if (typeof value !== 'string') throw new ParseError(path, 'a string');
    if (value.length > maxCharacters) throw new ParseError(path, `at most ${maxCharacters} characters long`);
    if (pattern && !pattern.test(value)) throw new ParseError(path, `of the form ${pattern.source}`);
    return value;
  };
}

export function parseBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw new ParseError(path, 'true or false');
  return value;
}

/** @__NO_SIDE_EFFECTS__ */
export function parseInteger(min: number, max: number): Parser<number> {
  return (value, path) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max)
      throw new ParseError(path, `an integer from ${min} to ${max}`);
    return value as number;
  };
}

/** @__NO_SIDE_EFFECTS__ */
export function parseOneOf<const T extends string>(...allowed: readonly T[]): Parser<T> {
  return (value, path) => {
    if (!allowed.includes(value as T)) throw new ParseError(path, `one of ${allowed.join(', ')}`);
    return value as T;
  };
}

/** @__NO_SIDE_EFFECTS__ */
export function parseArray<T>(item: Parser<T>, maxItems: number): Parser<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new ParseError(path, 'an array');
    if (value.length > maxItems) throw new ParseError(path, `an array of at most ${maxItems} items`);
    return value.map((entry, index) => item(entry, `${path}[${index}]`));
  };
}

type Shape<T> = { readonly [K in keyof T]-?: Parser<object extends Pick<T, K> ? T[K] | undefined : T[K]> };

/** Reads each property with its parser, and no others. One that comes out undefined is absent. @__NO_SIDE_EFFECTS__ */
export function parseObject<T extends object>(shape: Shape<T>): (value: unknown, path?: string) => T {
  const parsers = Object.entries(shape) as [string, Parser<unknown>][];
  return (value, path = '') => {
    const record = parseRecord(value, path);
    return compact(
      Object.fromEntries(parsers.map(([key, parse]) => [key, parse(record[key], path ? `${path}.${key}` : key)])),
    ) as T;
  };
}

/** What stands for an absent value. @__NO_SIDE_EFFECTS__ */
export function parseOr<T, F>(parser: Parser<T>, fallback: F): Parser<T | F> {
  return (value, path) => (value === undefined ? fallback : parser(value, path));
}

/** What may be absent. @__NO_SIDE_EFFECTS__ */
export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return parseOr(parser, undefined);
}

/** An empty string stands for none. @__NO_SIDE_EFFECTS__ */
export function orEmpty(parser: Parser<string>): Parser<string> {
  return (value, path) => (value === '' ? '' : parser(value, path));
}

/** Reads `record[key]` with `parser`, or returns undefined where the key is absent. */
export function parseOptional<T>(
  record: Record<string, unknown>,
  key: string,
  parser: Parser<T>,
  path = key,
): T | undefined {
  return record[key] === undefined ? undefined : parser(record[key], path);
}

/** Drops undefined properties, so that an absent field is absent and not undefined. */
export function compact<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
