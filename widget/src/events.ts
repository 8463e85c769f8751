import type { Knock, Participant } from '#protocol';
import type { CallErrorCode } from './call/errors.ts';
import type { MediaStats, Quality } from './call/media-stats.ts';
import type { CallPhase, CaptureSource, CaptureState, Connection, LeftReason } from './call/state.ts';

/** What the element tells the page. All bubble and cross shadow roots, so one listener can hear every call. */
abstract class CallEvent extends Event {
  constructor(type: string, cancelable = false) {
    super(type, { bubbles: true, composed: true, cancelable });
  }
}

/** The element is set up and shows its first screen. */
export class CallReadyEvent extends CallEvent {
  constructor() {
    super('call-ready');
  }
}

/** This visitor is in the call. */
export class CallJoinedEvent extends CallEvent {
  readonly participantId: string;

  constructor(participantId: string) {
    super('call-joined');
    this.participantId = participantId;
  }
}

/**
 * This visitor is no longer in the call. A call that failed tells {@link CallErrorEvent} as well. `waiting`: the
 * connection was lost for so long that a host has to let them in again.
 */
export class CallLeftEvent extends CallEvent {
  readonly reason: LeftReason | 'failed' | 'waiting';

  constructor(reason: LeftReason | 'failed' | 'waiting') {
    super('call-left');
    this.reason = reason;
  }
}

/** Something failed; with `isFatal` there is no call any more, or none can begin. `detail` is for developers. */
export class CallErrorEvent extends CallEvent {
  readonly code: CallErrorCode;
  readonly detail: string;
  readonly isFatal: boolean;

  constructor(code: CallErrorCode, detail: string, isFatal: boolean) {
    super('call-error');
    this.code = code;
    this.detail = detail;
    this.isFatal = isFatal;
  }
}

export class CallStateChangedEvent extends CallEvent {
  readonly phase: CallPhase['phase'];
  readonly previous: CallPhase['phase'];

  constructor(phase: CallPhase['phase'], previous: CallPhase['phase']) {
    super('call-state-changed');
    this.phase = phase;
    this.previous = previous;
  }
}

/** Somebody else came. Those who are there when this visitor joins are told one by one, after `call-joined`. */
export class ParticipantJoinedEvent extends CallEvent {
  readonly participant: Participant;

  constructor(participant: Participant) {
    super('participant-joined');
    this.participant = participant;
  }
}

/** Somebody else went. Not told of everybody when this visitor leaves. */
export class ParticipantLeftEvent extends CallEvent {
  readonly participant: Participant;

  constructor(participant: Participant) {
    super('participant-left');
    this.participant = participant;
  }
}

/** Somebody waits to be let in: told to hosts, once for each. `participant` holds the id they will have in the call. */
export class KnockReceivedEvent extends CallEvent {
  readonly participant: Knock;

  constructor(participant: Knock) {
    super('knock-received');
    this.participant = participant;
  }
}

/** This visitor's microphone, camera or screen is now in another state. */
export class MediaChangedEvent extends CallEvent {
  readonly source: CaptureSource;
  readonly status: CaptureState['status'];

  constructor(source: CaptureSource, status: CaptureState['status']) {
    super('media-changed');
    this.source = source;
    this.status = status;
  }
}

/** Another participant is the active speaker. */
export class SpeakerChangedEvent extends CallEvent {
  readonly participantId: string;

  constructor(participantId: string) {
    super('speaker-changed');
    this.participantId = participantId;
  }
}

/**
 * This visitor speaks and is muted: told once for as long as they go on, and not again within half a minute. The call
 * shows a hint until they unmute or are quiet; `state.call.mutedSpeech` is true meanwhile.
 */
export class MutedSpeechNoticedEvent extends CallEvent {
  constructor() {
    super('muted-speech-noticed');
  }
}

/**
 * Media or signalling connected, or was lost, or the quality is another: from 0, nothing comes through, to 4. `failed`:
 * media was given up for now, and the visitor is offered a way back in.
 */
export class ConnectionChangedEvent extends CallEvent {
  readonly media: Connection;
  readonly signalling: Connection;
  readonly quality: Quality;

  constructor(media: Connection, signalling: Connection, quality: Quality) {
    super('connection-changed');
    this.media = media;
    this.signalling = signalling;
    this.quality = quality;
  }
}

/** What went over the connections since the last of these events, every two seconds: loss, delay, bitrates, freezes. */
export class StatsUpdatedEvent extends CallEvent {
  readonly stats: MediaStats;

  constructor(stats: MediaStats) {
    super('stats-updated');
    this.stats = stats;
  }
}

/** More media was received: the basis of what the SFU bills, packet headers come on top. Every two seconds or so. */
export class UsageChangedEvent extends CallEvent {
  /** Since the visitor joined. */
  readonly bytes: number;
  /** The same by participant, those who have gone included. */
  readonly participants: Readonly<Record<string, number>>;

  constructor(participants: Readonly<Record<string, number>>) {
    super('usage-changed');
    this.participants = participants;
    this.bytes = Object.values(participants).reduce((sum, bytes) => sum + bytes, 0);
  }
}

/** The visitor wants to leave the call. `preventDefault()` keeps them in it; `leave()` of the element does not ask. */
export class BeforeLeaveEvent extends CallEvent {
  constructor() {
    super('before-leave', true);
  }
}

/**
 * A room token is needed, before `token-url` is asked. Give one with `respondWith`; `preventDefault()` alone means that
 * there is none, and nobody else is asked.
 */
export class TokenNeededEvent extends CallEvent {
  readonly room: string;
  /** `refused`: the broker did not take the last one. */
  readonly need: 'missing' | 'refused';
  #answer: Promise<string> | undefined;

  constructor(room: string, need: 'missing' | 'refused') {
    super('token-needed', true);
    this.room = room;
    this.need = need;
  }

  respondWith(token: string | Promise<string>): void {
    this.preventDefault();
    this.#answer = Promise.resolve(token);
  }

  /** What the page answered; an empty string where it wants no other to be asked. */
  get answer(): Promise<string> | undefined {
    return this.#answer ?? (this.defaultPrevented ? Promise.resolve('') : undefined);
  }
}

declare global {
  interface HTMLElementEventMap {
    'call-ready': CallReadyEvent;
    'call-joined': CallJoinedEvent;
    'call-left': CallLeftEvent;
    'call-error': CallErrorEvent;
    'call-state-changed': CallStateChangedEvent;
    'participant-joined': ParticipantJoinedEvent;
    'participant-left': ParticipantLeftEvent;
    'knock-received': KnockReceivedEvent;
    'media-changed': MediaChangedEvent;
    'speaker-changed': SpeakerChangedEvent;
    'muted-speech-noticed': MutedSpeechNoticedEvent;
    'connection-changed': ConnectionChangedEvent;
    'stats-updated': StatsUpdatedEvent;
    'usage-changed': UsageChangedEvent;
    'before-leave': BeforeLeaveEvent;
    'token-needed': TokenNeededEvent;
  }
}
