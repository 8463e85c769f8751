import type { TestProject } from 'vitest/node';
import { startCallStack, type CallStack } from './call-stack.ts';

declare module 'vitest' {
  export interface ProvidedContext extends Omit<CallStack, 'stop'> {}
}

/** One stack for all tests of a run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...addresses } = await startCallStack();
  for (const name of Object.keys(addresses) as (keyof typeof addresses)[]) project.provide(name, addresses[name]);
  return stop;
}
