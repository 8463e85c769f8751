import { refusedAnswer } from './common.ts';
import { findOperation } from './operations.ts';
import { problemsOf } from './shape.ts';

export interface Call {
  method: string;
  /** Behind the version, with the query. */
  path: string;
}

export interface Violation {
  by: 'caller' | 'SFU';
  /** Method and path, ids left out. */
  operation: string;
  problems: string[];
}

/** What is wrong with a request; undefined where nothing is. `body` is parsed JSON, undefined where there is none. */
export function checkRequest({ method, path }: Call, body: unknown): Violation | undefined {
  const [pathname = '', search = ''] = path.split('?', 2);
  const operation = findOperation(method, pathname);
  if (!operation) return { by: 'caller', operation: `${method} ${pathname}`, problems: ['no such operation'] };
  const keys = search.split('&').map((pair) => pair.split('=', 1)[0] ?? '');
  const unknown = keys.filter((key) => key !== '' && !operation.query.includes(key));
  return violation('caller', operation, [
    ...unknown.map((key) => `?${key}: is not a parameter of the API`),
    ...problemsOf(operation.request, body),
  ]);
}

/** What is wrong with an answer to an operation of the API; undefined where nothing is. */
export function checkAnswer({ method, path }: Call, status: number, body: unknown): Violation | undefined {
  const [pathname = ''] = path.split('?', 1);
  const operation = findOperation(method, pathname);
  const shape = operation?.answers[status] ?? (status >= 400 ? refusedAnswer : undefined);
  const problems = shape ? problemsOf(shape, body) : [`status ${status} is not one of the operation's`];
  return violation('SFU', operation ?? { method, path: pathname }, problems);
}

function violation(
  by: Violation['by'],
  { method, path }: { method: string; path: string },
  problems: string[],
): Violation | undefined {
  return problems.length === 0 ? undefined : { by, operation: `${method} ${path}`, problems };
}
