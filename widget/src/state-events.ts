import type { CallState, InCall } from './call/state.ts';
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
export function stateEvents(before: CallState, after: CallState): Event[] {
  return [...mediaEvents(before, after), ...phaseEvents(before, after), ...callEvents(before, after)];
}

function mediaEvents({ local: before }: CallState, { local: after }: CallState): Event[] {
  return SOURCES.filter((source) => before[source].status !== after[source].status).map(
    (source) => new MediaChangedEvent(source, after[source].status),
  );
}

function phaseEvents({ call: before }: CallState, { call: after }: CallState): Event[] {
  const events: Event[] = [];
  if (before.phase !== after.phase) events.push(new CallStateChangedEvent(after.phase, before.phase));
  if (before.phase === 'in-call' && after.phase !== 'in-call')
    events.push(
      new CallLeftEvent(after.phase === 'left' ? after.reason : after.phase === 'waiting' ? 'waiting' : 'failed'),
    );
  if (before.phase !== 'in-call' && after.phase === 'in-call') events.push(new CallJoinedEvent(after.selfId));
  if (after.phase === 'failed' && before !== after) events.push(new CallErrorEvent(after.error, after.detail, true));
  else if ('notice' in after && after.notice !== '' && !('notice' in before && before.notice === after.notice))
    events.push(new CallErrorEvent(after.notice, '', false));
  return events;
}

function callEvents({ call: before }: CallState, { call: after }: CallState): Event[] {
  if (after.phase !== 'in-call') return [];
  const known = before.phase === 'in-call' ? before : undefined;
  return [
    ...rosterEvents(known, after),
    ...knockEvents(known, after),
    ...speakerEvents(known, after),
    ...connectionEvents(known, after),
    ...usageEvents(known, after),
  ];
}

function rosterEvents(before: InCall | undefined, after: InCall): Event[] {
  if (before?.participants === after.participants) return [];
  const others = (call: InCall) => new Map(call.participants.filter((p) => p.id !== call.selfId).map((p) => [p.id, p]));
  const was = before ? others(before) : new Map<string, never>();
  const is = others(after);
  return [
    ...[...was.values()].filter(({ id }) => !is.has(id)).map((p) => new ParticipantLeftEvent(p)),
    ...[...is.values()].filter(({ id }) => !was.has(id)).map((p) => new ParticipantJoinedEvent(p)),
  ];
}

function knockEvents(before: InCall | undefined, after: InCall): Event[] {
  const isNew = (id: string): boolean => !before?.knocks.some((known) => known.id === id);
  return after.knocks.filter(({ id }) => isNew(id)).map((knock) => new KnockReceivedEvent(knock));
}

function speakerEvents(before: InCall | undefined, after: InCall): Event[] {
  const events: Event[] = [];
  if (after.activeSpeaker !== '' && before?.activeSpeaker !== after.activeSpeaker)
    events.push(new SpeakerChangedEvent(after.activeSpeaker));
  if (after.mutedSpeech && !before?.mutedSpeech) events.push(new MutedSpeechNoticedEvent());
  return events;
}

function connectionEvents(before: InCall | undefined, after: InCall): Event[] {
  const events: Event[] = [];
  const now = describeConnection(after);
  if (before && describeConnection(before).join() !== now.join()) events.push(new ConnectionChangedEvent(...now));
  if (after.stats && before?.stats !== after.stats) events.push(new StatsUpdatedEvent(after.stats));
  return events;
}

function describeConnection({
  media,
  signalling,
  stats,
}: InCall): ConstructorParameters<typeof ConnectionChangedEvent> {
  return [media, signalling, stats?.quality ?? 0];
}

function usageEvents(before: InCall | undefined, after: InCall): Event[] {
  return before && before.usage !== after.usage ? [new UsageChangedEvent(after.usage)] : [];
}
