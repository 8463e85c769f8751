import { en } from './en.ts';

/** Every text a person reads, in one language. */
export type Strings = typeof en;

/** The texts in use. */
export const strings: Strings = en;
