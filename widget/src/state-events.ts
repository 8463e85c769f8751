import type { Participant } from '#protocol';
import type { CallPhase, CallState, InCall } from './call/state.ts';
import {
  CallErrorEvent,
  CallJoinedEvent,
  CallLeftEvent,
  CallStateChangedEvent,
  ConnectionChangedEvent,
  KnockReceivedEvent,
  MediaChangedEvent,
  MutedSpeechNoticedEvent,
  ParticipantJoinedEvent,
  ParticipantLeftEvent,
  SpeakerChangedEvent,
  StatsUpdatedEvent,
  UsageChangedEvent,
} from './events.ts';

const SOURCES = ['microphone', 'camera', 'screen'] as const;

/** What the page is told of the way from one snapshot to the next, in order. */
export function* stateEvents(before: CallState, after: CallState): Generator<Event> {
  for (const source of SOURCES) {
    const { status } = after.local[source];
    if (before.local[source].status !== status) yield new MediaChangedEvent(source, status);
  }
  if (before.call === after.call) return;
  yield* phaseEvents(before.call, after.call);
  if (after.call.phase === 'in-call')
    yield* callEvents(before.call.phase === 'in-call' ? before.call : undefined, after.call);
}

function* phaseEvents(before: CallPhase, after: CallPhase): Generator<Event> {
  const { phase } = after;
  if (before.phase !== phase) {
    yield new CallStateChangedEvent(phase, before.phase);
    if (before.phase === 'in-call')
      yield new CallLeftEvent(phase === 'left' ? after.reason : phase === 'waiting' ? phase : 'failed');
    if (phase === 'in-call') yield new CallJoinedEvent(after.selfId);
  }
  if (phase === 'failed') yield new CallErrorEvent(after.error, after.detail, true);
  else if ('notice' in after && after.notice !== '' && !('notice' in before && before.notice === after.notice))
    yield new CallErrorEvent(after.notice, '', false);
}

/** `before` is undefined where the call has just begun. */
function* callEvents(before: InCall | undefined, after: InCall): Generator<Event> {
  const [was, is] = [othersIn(before), othersIn(after)];
  for (const [id, participant] of was) if (!is.has(id)) yield new ParticipantLeftEvent(participant);
  for (const [id, participant] of is) if (!was.has(id)) yield new ParticipantJoinedEvent(participant);

  const known = new Set(before?.knocks.map(({ id }) => id));
  for (const knock of after.knocks) if (!known.has(knock.id)) yield new KnockReceivedEvent(knock);

  const { activeSpeaker, mutedSpeech, stats, usage } = after;
  if (activeSpeaker !== '' && before?.activeSpeaker !== activeSpeaker) yield new SpeakerChangedEvent(activeSpeaker);
  if (mutedSpeech && !before?.mutedSpeech) yield new MutedSpeechNoticedEvent();

  const now = describeConnection(after);
  if (before && describeConnection(before).join() !== now.join()) yield new ConnectionChangedEvent(...now);
  if (stats && before?.stats !== stats) yield new StatsUpdatedEvent(stats);
  if (before && before.usage !== usage) yield new UsageChangedEvent(usage);
}

function othersIn(call: InCall | undefined): Map<string, Participant> {
  return new Map(call?.participants.filter(({ id }) => id !== call.selfId).map((other) => [other.id, other]));
}

function describeConnection(call: InCall): ConstructorParameters<typeof ConnectionChangedEvent> {
  return [call.media, call.signalling, call.stats?.quality ?? 0];
}
