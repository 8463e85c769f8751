import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { inCall, isCapturing, isSending, isSpeaking, remoteTrack } from '../../call/select.ts';
import type { CallState } from '../../call/state.ts';
import { define } from '../define.ts';
import { icons } from '../icons.ts';
import { showStream } from '../show-stream.ts';
import { strings } from '../strings/strings.ts';
import { base } from '../theme/base.ts';
import { picture } from '../theme/picture.ts';
import { SelectController, StreamController } from '../view-controller.ts';
import { hueOf, initialsOf } from './avatar.ts';
import { tileStyles } from './participant-tile.styles.ts';

interface TileSlice {
  isSelf: boolean;
  name: string;
  away: boolean;
  micOn: boolean;
  speaking: boolean;
  active: boolean;
  /** `off`: nothing to see is sent. */
  video: 'off' | 'on' | 'failed';
}

/**
 * One picture with the name of its owner; the initials where there is no picture.
 *
 * @attr speaking - Is heard now.
 * @attr active - Spoke last.
 * @csspart name - The label with the name.
 * @csspart avatar - The circle with the initials.
 */
export class ParticipantTileElement extends LitElement {
  static override styles = [base, picture, tileStyles];
  static override properties = {
    participantId: { attribute: false },
    source: { reflect: true },
    shown: { state: true },
    upright: { state: true },
  };

  participantId = '';
  source: 'camera' | 'screen' = 'camera';

  /** The first frame of this stream is painted: before that the avatar stays, not a black hole, nor anybody's last frame. */
  private shown = false;
  private upright = false;

  readonly #slice = new SelectController(this, (state) => selectTile(state, this.participantId, this.source));
  readonly #stream = new StreamController(this, () => [this.#mediaId, this.source]);

  protected override willUpdate(_changed: PropertyValues): void {
    const slice = this.#slice.value;
    this.toggleAttribute('speaking', slice?.speaking ?? false);
    this.toggleAttribute('active', slice?.active ?? false);
    this.toggleAttribute('mirrored', (slice?.isSelf ?? false) && this.source === 'camera');
    if (slice?.video !== 'on' || !this.#stream.value) this.shown = false;
    this.style.setProperty('--hue', String(hueOf(this.participantId)));
  }

  protected override updated(_changed: PropertyValues): void {
    showStream(this.renderRoot as ShadowRoot, this.#stream.value);
  }

  get #mediaId(): string {
    return this.#slice.value?.isSelf ? 'self' : this.participantId;
  }

  #onStream(event: Event): void {
    const video = event.target as HTMLVideoElement;
    this.shown = false;
    // A video that was taken away meanwhile has nothing to say.
    video.requestVideoFrameCallback?.(() => (this.shown = video.isConnected));
  }
  /** Firefox before 132 tells of no frames, but that it plays. */
  #onPlaying(event: Event): void {
    this.shown ||= !('requestVideoFrameCallback' in (event.target as HTMLVideoElement));
  }
  /** The first frame is known, or the sender turned the device. */
  #onResize(event: Event): void {
    const { videoWidth, videoHeight } = event.target as HTMLVideoElement;
    this.upright = videoHeight > videoWidth;
  }

  protected override render(): unknown {
    const slice = this.#slice.value;
    if (!slice) return nothing;
    const name = slice.name || strings.guest;
    const label = this.source === 'screen' ? strings.screenOf(name) : slice.isSelf ? strings.you(slice.name) : name;
    return html`
      ${
        this.shown
          ? nothing
          : html`<div class="avatar" part="avatar" aria-hidden="true">
              ${this.source === 'screen' ? icons.screen : initialsOf(name)}
            </div>`
      }
      ${
        slice.video === 'on' && this.#stream.value
          ? html`<video
              class="${this.shown ? 'shown' : ''} ${this.upright ? 'upright' : ''}"
              @loadstart=${this.#onStream}
              @playing=${this.#onPlaying}
              @resize=${this.#onResize}
              autoplay
              playsinline
              disablepictureinpicture
              aria-hidden="true"
            ></video>`
          : nothing
      }
      <div class="ring"></div>
      ${slice.video === 'failed' ? html`<p class="trouble">${icons.warning}${strings.tile.noVideo}</p>` : nothing}
      <div class="name" part="name">
        ${this.#renderState(slice)}
        <span class="text" dir="auto">${label}</span>
      </div>
    `;
  }

  #renderState(slice: TileSlice): unknown {
    if (slice.away) return html`<span class="spinner"></span><span class="unseen">${strings.tile.away}</span>`;
    if (this.source === 'screen') return icons.screen;
    if (!slice.micOn) return html`${icons.microphoneOff}<span class="unseen">${strings.tile.muted}</span>`;
    return slice.speaking ? html`${icons.sound}<span class="unseen">${strings.tile.speaking}</span>` : nothing;
  }
}
define('rc-participant-tile', ParticipantTileElement);

function selectTile(state: CallState, participantId: string, source: 'camera' | 'screen'): TileSlice | undefined {
  const call = inCall(state);
  const participant = call?.participants.find(({ id }) => id === participantId);
  if (!call || !participant) return undefined;
  const { local } = state;
  const isSelf = participantId === call.selfId;
  const isSent = isSelf ? isCapturing(state, source) : isSending(participant, source);
  const isLost = !isSelf && remoteTrack(call, participant, source)?.status === 'failed';
  return {
    isSelf,
    name: (isSelf && local.name) || participant.name,
    away: participant.presence === 'away',
    micOn: isSelf ? isCapturing(state, 'microphone') : isSending(participant, 'microphone'),
    speaking: source === 'camera' && isSpeaking(call, participantId),
    active: source === 'camera' && call.activeSpeaker === participantId,
    video: !isSent ? 'off' : isLost ? 'failed' : 'on',
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-participant-tile': ParticipantTileElement;
  }
}
