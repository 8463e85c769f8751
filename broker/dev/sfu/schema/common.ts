import { oneOf, record, text, which, type Fields, type Shape } from './shape.ts';

export const id = text(/^\w[\w-]*$/);
export const name = text(/./);
export const side = oneOf('local', 'remote');

/** Fields of an item that failed. */
export const failure: Fields = { errorCode: text(/^\w+$/), errorDescription: text() };

/** A whole call that was refused. */
export const refusedAnswer: Shape = record(failure);

export function description(...types: ('offer' | 'answer')[]): Shape {
  // Whoever trims it is refused: the last line must end.
  return record({ type: oneOf(...types), sdp: text(/^v=0[^]*\n$/) });
}

/** An item of an answer, which either did or did not succeed. */
export function outcome(success: Shape, failed: Shape): Shape {
  return which((item) => (item['errorCode'] === undefined ? success : failed));
}
