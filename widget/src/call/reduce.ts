import { change } from './change.ts';
import type { CallErrorCode } from './errors.ts';
import { mayRetry } from './may-retry.ts';
import { enterCall, reduceInCall, type InCallFact, type Joined } from './reduce-in-call.ts';
import type { CallPhase, CallState, CaptureSource, CaptureState, Connection, LeftReason, LocalState } from './state.ts';

/** Something that is true now, told by whoever owns it. Never a wish. */
export type CallFact = LocalFact | PhaseFact | InCallFact;

type LocalFact =
  | { type: 'named'; name: string; mayRename: boolean }
  | { type: 'captured'; source: CaptureSource; capture: CaptureState }
  | { type: 'devices-listed'; devices: LocalState['devices'] }
  | { type: 'speaker-chosen'; id: string };

type PhaseFact =
  /** The tag names another room. Takes effect outside a call only. */
  | { type: 'room-set'; room: string }
  | { type: 'joining' }
  | { type: 'waiting' }
  | { type: 'joined'; joined: Joined }
  | { type: 'left'; reason: LeftReason }
  | { type: 'failed'; error: CallErrorCode; detail: string }
  | { type: 'lobby-entered'; notice: CallErrorCode | '' }
  | { type: 'noticed'; notice: CallErrorCode | '' }
  | { type: 'signalling'; connection: Connection };

/**
 * The whole truth table: every fact in every phase. A fact that does not fit the phase comes from something already
 * given up, and changes nothing.
 */
export function reduce(state: CallState, fact: CallFact): CallState {
  switch (fact.type) {
    case 'named':
    case 'captured':
    case 'devices-listed':
    case 'speaker-chosen': {
      const local = reduceLocal(state.local, fact);
      return local === state.local ? state : { ...state, local };
    }
    case 'room-set':
      return isBusy(state.call) ? state : change(state, { room: fact.room });
    default: {
      const call = reducePhase(state.call, fact);
      return call === state.call ? state : { ...state, call };
    }
  }
}

/** In a call, or on the way into one: what must not be disturbed from outside. */
export function isBusy(call: CallPhase): boolean {
  return call.phase === 'joining' || call.phase === 'waiting' || call.phase === 'in-call';
}

function reduceLocal(local: LocalState, fact: LocalFact): LocalState {
  switch (fact.type) {
    case 'named':
      return change(local, { name: fact.name, mayRename: fact.mayRename });
    case 'captured':
      return change(local, { [fact.source]: fact.capture });
    case 'devices-listed':
      return change(local, { devices: fact.devices });
    case 'speaker-chosen':
      return change(local, { speakerId: fact.id });
  }
}

function reducePhase(call: CallPhase, fact: PhaseFact | InCallFact): CallPhase {
  const { phase } = call;
  switch (fact.type) {
    case 'room-set':
      return call;
    case 'joining':
      return isBusy(call) ? call : { phase: 'joining' };
    case 'waiting':
      return isBusy(call) ? { phase: 'waiting', signalling: 'connecting' } : call;
    case 'joined':
      return isBusy(call) ? enterCall(fact.joined, phase === 'in-call' ? call : undefined) : call;
    case 'left':
      return isBusy(call) ? { phase: 'left', reason: fact.reason } : call;
    case 'failed':
      return { phase: 'failed', error: fact.error, detail: fact.detail, mayRetry: mayRetry(fact.error) };
    case 'lobby-entered':
      return phase === 'in-call' || phase === 'lobby' ? call : { phase: 'lobby', notice: fact.notice };
    case 'noticed':
      return phase === 'lobby' || phase === 'in-call' ? change(call, { notice: fact.notice }) : call;
    case 'signalling':
      return 'signalling' in call ? change(call, { signalling: fact.connection }) : call;
    default:
      return phase === 'in-call' ? reduceInCall(call, fact) : call;
  }
}
