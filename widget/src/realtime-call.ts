import { ContextProvider } from '@lit/context';
import { LitElement, type PropertyValues } from 'lit';
import { isBusy } from './call/reduce.ts';
import { initialState, type CallState } from './call/state.ts';
import { composeCall, type ComposedCall } from './compose-call.ts';
import type { ProcessTrack } from './devices/devices.ts';
import { BeforeLeaveEvent, CallReadyEvent, TokenNeededEvent } from './events.ts';
import { followPage } from './page-life.ts';
import type { TokenNeed } from './room/token-source.ts';
import { scriptUrl } from './script-url.ts';
import { stateEvents } from './state-events.ts';
import { readSettings, readTag, type TagSurroundings } from './tag-settings.ts';
import { callContext } from './ui/context.ts';
import type { CallRequestEvent } from './ui/request-event.ts';
import { renderScreen } from './ui/screen.ts';
import type { SoundBlockedEvent } from './ui/sound-output/sound-blocked-event.ts';
import type { SightsEvent } from './ui/tile-grid/sights-event.ts';
import { hostStyles, tokens } from './ui/theme/tokens.ts';
import { VERSION } from './version.ts';

/** A page that moves the element takes it out first; a call must not end over that. */
const REMOVAL_DELAY_MS = 100;

/**
 * A video call, from lobby to goodbye.
 *
 * @attr room - The room. Letters, digits and `. _ ~ -`, up to 128.
 * @attr token - A room token made by your backend.
 * @attr token-url - Where to fetch a token, with `room` and `guest` in its query: when the visitor acts, not before, and
 *   again where one is refused.
 * @attr broker - The broker's address. Where this script came from, if absent.
 * @attr name - A name to begin with, unless the token gives one.
 * @attr data-saver - Receives the smallest picture of each camera and screen, as it does where the browser asks for that.
 * @attr audio-only - Receives no pictures.
 * @attr no-prewarm - Makes nothing ready before the visitor joins: no token is fetched, and no connection made.
 *
 * Changing an attribute never ends a call; it counts from the next one on, the token and the last three at once.
 *
 * @fires call-ready - {@link CallReadyEvent}
 * @fires call-joined - {@link CallJoinedEvent}
 * @fires call-left - {@link CallLeftEvent}
 * @fires call-error - {@link CallErrorEvent}
 * @fires call-state-changed - {@link CallStateChangedEvent}
 * @fires participant-joined - {@link ParticipantJoinedEvent}
 * @fires participant-left - {@link ParticipantLeftEvent}
 * @fires knock-received - {@link KnockReceivedEvent}
 * @fires media-changed - {@link MediaChangedEvent}
 * @fires speaker-changed - {@link SpeakerChangedEvent}
 * @fires muted-speech-noticed - {@link MutedSpeechNoticedEvent}
 * @fires connection-changed - {@link ConnectionChangedEvent}
 * @fires stats-updated - {@link StatsUpdatedEvent}
 * @fires usage-changed - {@link UsageChangedEvent}
 * @fires before-leave - {@link BeforeLeaveEvent}, cancelable
 * @fires token-needed - {@link TokenNeededEvent}, cancelable
 * @fires call-request - {@link CallRequestEvent}, cancelable: whatever a visitor asks for, before it is done
 */
export class RealtimeCallElement extends LitElement {
  static readonly version = VERSION;
  static override styles = [tokens, hostStyles];
  static override properties = {
    room: {},
    token: {},
    tokenUrl: { attribute: 'token-url' },
    broker: {},
    name: {},
    dataSaver: { type: Boolean, attribute: 'data-saver' },
    audioOnly: { type: Boolean, attribute: 'audio-only' },
    noPrewarm: { type: Boolean, attribute: 'no-prewarm' },
  };

  room = '';
  token = '';
  tokenUrl = '';
  broker = '';
  name = '';
  dataSaver = false;
  audioOnly = false;
  noPrewarm = false;
  /**
   * An effect on microphone or camera, for each device that is opened from now on: gives the track to use in place of the
   * device's own. Where it throws the device does not open. No attribute.
   */
  processTrack: ProcessTrack | undefined;

  readonly #provider = new ContextProvider(this, { context: callContext });
  #composed: ComposedCall | undefined;
  /** Aborted when the element is gone for good. */
  #lifetime = new AbortController();
  #removal: ReturnType<typeof setTimeout> | undefined;
  /** The attributes as they were last taken over, so that nothing else takes them over again. */
  #configured = '';
  #seat = { room: '', broker: '' };
  #offeredToken: Promise<string> | undefined;
  #seen = initialState('');
  readonly #outbox: Event[] = [];

  constructor() {
    super();
    this.addEventListener('call-request', this.#onRequest);
    this.addEventListener('call-sound-blocked', this.#onSoundBlocked);
    this.addEventListener('call-sights', this.#onSights);
  }

  /** The call as it is now: an immutable snapshot. */
  get state(): CallState {
    return this.#seen;
  }

  /** Joins, as the button does. What comes of it is told by events. */
  join(): void {
    if (this.state.call.phase === 'failed') this.#configured = '';
    this.#configure();
    this.#composed?.call.request({ type: 'join' });
  }

  /** Leaves without asking, or gives up a join under way. */
  leave(): void {
    this.#composed?.call.request({ type: 'leave' });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#removal);
    if (!this.#composed) this.#compose();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#removal = setTimeout(() => this.#dispose(), REMOVAL_DELAY_MS);
  }

  /** Its presence lets `moveBefore` move the element without taking it out. */
  connectedMoveCallback(): void {}

  protected override willUpdate(_changed: PropertyValues): void {
    this.#configure();
    const saves = this.dataSaver || isDataSaved();
    this.#composed?.call.limitPictures(this.audioOnly ? 'none' : saves ? 'small' : 'all');
    this.#composed?.call.allowPrewarm(!this.noPrewarm);
  }

  protected override firstUpdated(_changed: PropertyValues): void {
    this.dispatchEvent(new CallReadyEvent());
  }

  /** Tests give it other ports. */
  protected createCall(...[tag, askPage]: Parameters<typeof composeCall>): ComposedCall {
    return composeCall(tag, askPage);
  }

  #compose(): void {
    this.#lifetime = new AbortController();
    this.#composed = this.createCall(
      () => ({
        ...readTag(this, this.#surroundings),
        ...this.#seat,
        processTrack: this.processTrack,
      }),
      (need) => this.#askPage(need),
    );
    const { call, view } = this.#composed;
    call.subscribe(this.#onState);
    this.#provider.setValue(view);
    this.#seen = call.state;
    this.#configured = '';
    this.requestUpdate();
    followPage(call, this.#lifetime.signal);
  }

  #dispose(): void {
    this.#lifetime.abort();
    this.#composed?.close();
    this.#composed = undefined;
  }

  /** Takes the attributes over, where they changed and no call is in the way. */
  #configure(): void {
    const { room, token, tokenUrl, broker, name } = this;
    const attributes = { room, token, tokenUrl, broker, name };
    const now = JSON.stringify(attributes);
    if (!this.#composed || now === this.#configured || isBusy(this.state.call)) return;
    this.#configured = now;
    const tag = readTag(attributes, this.#surroundings);
    this.#seat = { room: tag.room, broker: tag.broker };
    this.#composed.call.configure(readSettings(attributes, this.#surroundings));
  }

  get #surroundings(): TagSurroundings {
    return {
      base: this.baseURI,
      scriptUrl,
      isSecure: window.isSecureContext,
      isSupported: 'RTCPeerConnection' in window && 'mediaDevices' in navigator,
      pageGivesToken: () => {
        this.#offeredToken = this.#askPage('missing');
        return this.#offeredToken !== undefined;
      },
    };
  }

  #askPage(need: TokenNeed): Promise<string> | undefined {
    const offered = this.#offeredToken;
    this.#offeredToken = undefined;
    if (offered) return offered;
    const event = new TokenNeededEvent(this.#seat.room, need);
    this.dispatchEvent(event);
    return event.answer;
  }

  #onState = (): void => {
    const before = this.#seen;
    this.#seen = this.#composed?.call.state ?? before;
    this.#outbox.push(...stateEvents(before, this.#seen));
    if (this.#seen.call.phase !== before.call.phase) this.requestUpdate();
    this.#deliver();
  };

  /** One queue keeps the order, even where a listener of the page changes the state while it is told of the last change. */
  #deliver(): void {
    for (let event = this.#outbox.shift(); event; event = this.#outbox.shift()) this.dispatchEvent(event);
  }

  /** Decided once the event has reached everybody who may refuse it: this listener is the first to hear of it. */
  #onRequest = (event: CallRequestEvent): void => {
    queueMicrotask(() => {
      if (event.defaultPrevented) return;
      const asksToLeave = event.request.type === 'leave' && this.state.call.phase === 'in-call';
      if (asksToLeave && !this.dispatchEvent(new BeforeLeaveEvent())) return;
      this.#composed?.call.request(event.request);
    });
  };

  #onSoundBlocked = ({ blocked }: SoundBlockedEvent): void => {
    this.#composed?.call.reportSound(blocked);
  };

  #onSights = ({ sights }: SightsEvent): void => {
    this.#composed?.call.reportSights(sights);
  };

  protected override render(): unknown {
    return renderScreen(this.state.call.phase);
  }
}

/** Does the visitor want to save data? Chromium's alone, and unknown to the DOM library. Source: WICG Save Data API. */
function isDataSaved(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ?? false;
}

declare global {
  interface HTMLElementTagNameMap {
    'realtime-call': RealtimeCallElement;
  }
}
