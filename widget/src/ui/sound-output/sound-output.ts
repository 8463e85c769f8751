import { ContextConsumer } from '@lit/context';
import { css, LitElement } from 'lit';
import type { CallView } from '../../call/view.ts';
import { callContext } from '../context.ts';
import { define } from '../define.ts';
import { SoundBlockedEvent } from './sound-blocked-event.ts';

/**
 * Plays everybody: one `<audio>` for each remote sound, the same one for as long as the sound lasts. Where the browser
 * holds sound back it says so with {@link SoundBlockedEvent} and tries again on the next press of anything.
 */
export class SoundOutputElement extends LitElement {
  static override styles = css`
    :host {
      display: none;
    }
  `;

  readonly #players = new Map<string, HTMLAudioElement>();
  readonly #consumer = new ContextConsumer(this, {
    context: callContext,
    subscribe: true,
    callback: (view) => this.#attach(view),
  });
  #speakerId = '';
  #blocked = false;
  #unsubscribe: (() => void)[] = [];

  override disconnectedCallback(): void {
    this.#detach();
    for (const player of this.#players.values()) release(player);
    this.#players.clear();
    super.disconnectedCallback();
  }

  /** Plays what was held back. Call it from a gesture. */
  async unblock(): Promise<void> {
    await Promise.all([...this.#players.values()].map((player) => this.#play(player)));
  }

  #attach(view: CallView): void {
    this.#detach();
    this.#unsubscribe = [view.media.subscribe(this.#syncPlayers), view.subscribe(this.#syncSpeaker)];
    this.#syncPlayers();
    this.#syncSpeaker();
  }

  #detach(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#listenForGestures(false);
  }

  #syncPlayers = (): void => {
    const sounds = this.#consumer.value?.media.sounds ?? new Map<string, MediaStream>();
    for (const [key, player] of this.#players) {
      if (sounds.has(key)) continue;
      release(player);
      this.#players.delete(key);
    }
    for (const [key, stream] of sounds) {
      const player = this.#players.get(key) ?? this.#addPlayer(key);
      if (player.srcObject === stream) continue;
      player.srcObject = stream;
      void this.#play(player);
    }
  };

  #addPlayer(key: string): HTMLAudioElement {
    const player = document.createElement('audio');
    this.#players.set(key, player);
    this.renderRoot.append(player);
    void this.#route(player);
    return player;
  }

  #syncSpeaker = (): void => {
    const speakerId = this.#consumer.value?.state.local.speakerId ?? '';
    if (speakerId === this.#speakerId) return;
    this.#speakerId = speakerId;
    for (const player of this.#players.values()) void this.#route(player);
  };

  async #route(player: HTMLAudioElement): Promise<void> {
    if (!('setSinkId' in player) || player.sinkId === this.#speakerId) return;
    // The chosen output may be gone: the sound then stays where it is.
    await player.setSinkId(this.#speakerId).catch(() => {});
  }

  async #play(player: HTMLAudioElement): Promise<void> {
    try {
      await player.play();
      this.#setBlocked(false);
    } catch (error) {
      // AbortError: another stream or the end came first, which is nobody's trouble.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#setBlocked(true);
    }
  }

  #setBlocked(blocked: boolean): void {
    if (blocked === this.#blocked || !this.isConnected) return;
    this.#blocked = blocked;
    this.#listenForGestures(blocked);
    this.dispatchEvent(new SoundBlockedEvent(blocked));
  }

  #onGesture = (): void => void this.unblock();

  #listenForGestures(on: boolean): void {
    for (const type of ['pointerup', 'keydown']) {
      if (on) document.addEventListener(type, this.#onGesture, true);
      else document.removeEventListener(type, this.#onGesture, true);
    }
  }
}
define('rc-sound-output', SoundOutputElement);

function release(player: HTMLAudioElement): void {
  player.srcObject = null;
  player.remove();
}

declare global {
  interface HTMLElementTagNameMap {
    'rc-sound-output': SoundOutputElement;
  }
}
