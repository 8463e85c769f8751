/** Shapes of JSON values, declared in one line each. A shape reports every way in which a value does not have it. */

export type Report = (path: string, problem: string) => void;
export type Shape = (value: unknown, path: string, report: Report) => void;
export type Fields = Readonly<Record<string, Shape>>;

/** What is wrong with a value, one line per place; empty where it has the shape. */
export function problemsOf(shape: Shape, value: unknown, path = ''): string[] {
  const problems: string[] = [];
  shape(value, path, (where, problem) => problems.push(`${where || 'body'}: ${problem}`));
  return problems;
}

/** An object with these fields and no others: a misspelt one must not pass for an optional one. */
export function record(required: Fields, optional: Fields = {}): Shape {
  const known: Fields = { ...required, ...optional };
  return (value, path, report) => {
    if (!isRecord(value)) return report(path, 'must be an object');
    for (const key of Object.keys(required)) if (value[key] === undefined) report(at(path, key), 'is missing');
    for (const [key, field] of Object.entries(value)) {
      if (!Object.hasOwn(known, key)) report(at(path, key), 'is not a field of the API');
      else if (field !== undefined) known[key]!(field, at(path, key), report);
    }
  };
}

export function list(item: Shape, { min = 0, max = Infinity } = {}): Shape {
  return (value, path, report) => {
    if (!Array.isArray(value)) return report(path, 'must be an array');
    if (value.length < min || value.length > max) report(path, `must have ${min} to ${max} items`);
    value.forEach((entry, index) => item(entry, `${path}[${index}]`, report));
  };
}

export function text(pattern?: RegExp): Shape {
  return (value, path, report) => {
    if (typeof value !== 'string') report(path, 'must be a string');
    else if (pattern && !pattern.test(value)) report(path, `must match ${pattern.source}`);
  };
}

export const flag: Shape = (value, path, report) => {
  if (typeof value !== 'boolean') report(path, 'must be true or false');
};

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Shape {
  return (value, path, report) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max)
      report(path, `must be an integer from ${min} to ${max}`);
  };
}

export function oneOf(...values: readonly (string | boolean)[]): Shape {
  return (value, path, report) => {
    if (!values.includes(value as string)) report(path, `must be ${values.join(' or ')}`);
  };
}

/** No body at all: an empty object is one. */
export const nothing: Shape = (value, path, report) => {
  if (value !== undefined) report(path, 'must be absent');
};

export function maybe(shape: Shape): Shape {
  return (value, path, report) => {
    if (value !== undefined) shape(value, path, report);
  };
}

/** The shape depends on the value: on a field that tells kinds apart, or on one that is only sometimes there. */
export function which(choose: (value: Record<string, unknown>) => Shape): Shape {
  return (value, path, report) => {
    if (isRecord(value)) choose(value)(value, path, report);
    else report(path, 'must be an object');
  };
}

/** A shape, and a rule that ties its fields together; the rule answers what is wrong. */
export function ruled(shape: Shape, rule: (value: Record<string, unknown>) => string | undefined): Shape {
  return (value, path, report) => {
    shape(value, path, report);
    const problem = isRecord(value) ? rule(value) : undefined;
    if (problem) report(path, problem);
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}
