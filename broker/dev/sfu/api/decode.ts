import { ParseError } from '#protocol';
import { refusal } from './api-error.ts';

/** Runs a parser of a request; what it throws becomes the refusal that names the field. */
export function decode<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ParseError) throw refusal.undecodable(error.path);
    throw error;
  }
}
