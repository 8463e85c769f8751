import { expect, type TestContext } from 'vitest';
import type { Callers } from './callers.ts';
import { isLive } from './target.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What an open question was answered with. */
    answer?: string;
    /** What the API's shapes do not allow, in calls and answers of the test. */
    violations?: string[];
  }
}

/**
 * Ends a test's pages. Calls and answers that do not fit the API's shapes fail it; of a real SFU they are reported at the
 * end of the run, because one strange field in every answer would hide all else.
 */
export async function settle(task: TestContext['task'], callers: Callers): Promise<void> {
  const violations = await callers.leave();
  if (isLive) task.meta.violations = violations;
  else expect(violations).toEqual([]);
}
