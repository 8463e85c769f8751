import type { KillFault, LastingFault } from './fault.ts';
import type { ActiveFault } from './fault-board.ts';
import type { Violation } from '../schema/check.ts';
import type { SessionSummary } from './session-summary.ts';
import type { Usage } from './usage.ts';

/** Sets faults in a stand-in SFU, which may run in another process. Every method rejects where the SFU refuses. */
export class FaultClient {
  readonly #controlUrl: string;

  constructor(controlUrl: string) {
    this.#controlUrl = controlUrl;
  }

  /** Sets a fault in addition to those already set. */
  set(fault: LastingFault): Promise<ActiveFault> {
    return this.#call('POST', '/faults', fault);
  }

  /** Kills one session's transport, or all, without a word to the client; how many it was. */
  async kill(sessionId?: string): Promise<number> {
    const fault: KillFault = { type: 'kill', ...(sessionId !== undefined && { sessionId }) };
    const { hits } = await this.#call<{ hits: number }>('POST', '/faults', fault);
    return hits;
  }

  /** The faults that are set, with how often each has struck. */
  list(): Promise<ActiveFault[]> {
    return this.#call('GET', '/faults');
  }

  /** Ends one fault, or all. */
  clear(id?: number): Promise<void> {
    return this.#call('DELETE', id === undefined ? '/faults' : `/faults/${id}`);
  }

  sessions(): Promise<SessionSummary[]> {
    return this.#call('GET', '/sessions');
  }

  /** What broke the API's rules so far; a test expects none. */
  violations(): Promise<Violation[]> {
    return this.#call('GET', '/violations');
  }

  usage(): Promise<Usage> {
    return this.#call('GET', '/usage');
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#controlUrl}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}
