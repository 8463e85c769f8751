import { inject, it } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** What happens behind each call and each frame of a test: see broker/vitest.config.ts. */
    disturbance: 'evicted' | 'cut';
    /** How many random calls a model is driven through. */
    modelSeeds: number;
  }
}

/** Whether every socket is cut as well, and its client comes back with a new one. */
export const isCutting = inject('disturbance') === 'cut';

/** A test about what one socket alone goes through, such as its strikes: cut, there is nothing to see. */
export const itWithOneSocket: (title: string, run: () => Promise<void>) => void = isCutting ? () => undefined : it;
