import { checkAnswer, checkRequest, type Call, type Violation } from './check.ts';

/** A caller that goes wrong goes wrong again and again: the first ones tell. */
const KEPT_MAX = 100;

/** What callers, and the stand-in itself, did against the API's rules. */
export class Violations {
  readonly #kept: Violation[] = [];
  readonly #onViolation: (violation: Violation) => void;

  constructor(onViolation: (violation: Violation) => void = () => {}) {
    this.#onViolation = onViolation;
  }

  /** The first hundred. */
  get list(): readonly Violation[] {
    return this.#kept;
  }

  /** Hands them over and forgets them: what one test did is not the next one's. */
  take(): Violation[] {
    return this.#kept.splice(0);
  }

  /** Only noted: whether the call is refused is the operation's affair, and the real one forgives more. */
  checkRequest(call: Call, body: unknown): void {
    this.#note(checkRequest(call, body));
  }

  /**
   * Returns the answer where it fits. Throws where it does not, which becomes a 500: the stand-in is wrong, and whoever
   * tests with it must fail.
   */
  checkAnswer<T extends { status: number; body: unknown }>(call: Call, answer: T): T {
    const violation = checkAnswer(call, answer.status, answer.body);
    if (!violation) return answer;
    this.#note(violation);
    throw new Error(describeViolation(violation));
  }

  #note(violation: Violation | undefined): void {
    if (!violation) return;
    if (this.#kept.length < KEPT_MAX) this.#kept.push(violation);
    this.#onViolation(violation);
  }
}

/** One line for a log. */
export function describeViolation({ by, operation, problems }: Violation): string {
  return `The ${by} broke the API's rules: ${operation}: ${problems.join('; ')}`;
}
