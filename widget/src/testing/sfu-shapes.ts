import { describeViolation, Violations } from '../../../broker/dev/sfu/schema/violations.ts';
import { BrokerError, type SfuApi } from '../call/ports.ts';

/** What broke the shapes of the SFU's API since the last test ended. */
const violations = new Violations();

/** What is asked for its status alone has no shape to hold it to. */
type Held = Exclude<keyof SfuApi, 'getSession'>;
const PATHS: Readonly<Record<Held, `${'POST' | 'PUT'} ${string}`>> = {
  newSession: 'POST /sessions/new',
  newTracks: 'POST /sessions/{id}/tracks/new',
  renegotiate: 'PUT /sessions/{id}/renegotiate',
  updateTracks: 'PUT /sessions/{id}/tracks/update',
  closeTracks: 'PUT /sessions/{id}/tracks/close',
};

/**
 * Given a test framework's `afterEach`, fails each test in which something broke the shapes. A double calls it, so that no
 * test can leave it out; an error thrown at a call would be one more refusal that the code under test survives.
 */
export function failOnViolation(afterEach: (check: () => void) => void): void {
  afterEach(() => {
    const found = violations.take().map(describeViolation);
    if (found.length > 0) throw new Error(found.join('\n'));
  });
}

/** Holds every request to this double, and each of its answers and refusals, to the API. For its constructor. */
export function holdToApi(sfu: SfuApi): void {
  for (const operation of Object.keys(PATHS) as Held[]) {
    const perform = sfu[operation].bind(sfu) as (...parameters: unknown[]) => Promise<unknown>;
    const held = async (...parameters: [sessionId?: string, request?: object]): Promise<unknown> => {
      const [sessionId = '', request] = parameters;
      const [method = '', path = ''] = PATHS[operation].replace('{id}', sessionId).split(' ');
      const answered = noteRequest(method, path, request);
      try {
        const answer = await perform(...parameters);
        answered(operation === 'newSession' ? 201 : 200, answer ?? {});
        return answer;
      } catch (error) {
        // Without a status there was no answer.
        if (error instanceof BrokerError && error.status > 0)
          answered(error.status, { errorCode: error.errorCode, errorDescription: error.message });
        throw error;
      }
    };
    Object.assign(sfu, { [operation]: held });
  }
}

/** Holds a request to the API; to be called with its answer, if one comes. `path` is behind the app, or the room. */
export function noteRequest(method: string, path: string, body: unknown): (status: number, body: unknown) => void {
  const call = { method, path: `/apps/app${path}` };
  violations.checkRequest(call, asJson(body));
  return (status, answer) => void violations.checkAnswer(call, { status, body: asJson(answer) });
}

/** As it would go over the wire: what is undefined does not. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
