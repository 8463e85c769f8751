import { Captures } from './captures.ts';
import { warnOfEnd } from './end-warning.ts';
import type { CallErrorCode } from './errors.ts';
import { Membership } from './membership.ts';
import { perform } from './perform.ts';
import type { Clock, DevicesPort, RoomPort, SfuPort, Unsubscribe } from './ports.ts';
import { isBusy } from './reduce.ts';
import type { PictureLimit, Sights } from './reception.ts';
import type { CallRequest } from './request.ts';
import type { CallState } from './state.ts';
import { CallStore } from './store.ts';

export interface CallPorts {
  room: RoomPort;
  sfu: SfuPort;
  devices: DevicesPort;
  clock: Clock;
}

/** What the tag says. */
export interface CallSettings {
  room: string;
  /** A name to begin with; people may change it unless their token gives one. */
  name: string;
  /** What makes a call impossible on this page, or empty. */
  obstacle: CallErrorCode | '';
  /** More about the obstacle, for developers. */
  detail: string;
}

/** One call from lobby to goodbye, and the next one after it: joins the ports to one store. */
export class Call {
  readonly #store: CallStore;
  readonly #captures: Captures;
  readonly #membership: Membership;
  #settings: CallSettings = { room: '', name: '', obstacle: '', detail: '' };

  constructor({ room, sfu, devices, clock }: CallPorts) {
    const store = new CallStore('');
    this.#store = store;
    this.#captures = new Captures({ devices, store, clock });
    warnOfEnd(store, clock);
    this.#membership = new Membership({
      room,
      sfu,
      store,
      clock,
      granted: (grants) => this.#captures.restrict(grants.publish),
      muted: (source) => this.#captures.set(source === 'screen-audio' ? 'screen' : source, false),
      ended: () => this.#captures.release(),
    });
  }

  get state(): CallState {
    return this.#store.state;
  }

  subscribe(listener: () => void): Unsubscribe {
    return this.#store.subscribe(listener);
  }

  /** A call that cannot begin does nothing that is asked of it. */
  request(request: CallRequest): void {
    if (this.#settings.obstacle !== '') return;
    perform(request, { store: this.#store, captures: this.#captures, membership: this.#membership });
  }

  /** Takes over what the tag says. Returns false, and does nothing, during a call: set it again after. */
  configure(settings: CallSettings): boolean {
    if (isBusy(this.state.call)) return false;
    const before = this.#settings;
    this.#settings = settings;
    this.#membership.cool();
    this.#store.dispatch({ type: 'room-set', room: settings.room });
    if (settings.name !== before.name && this.state.local.mayRename)
      this.#store.dispatch({ type: 'named', name: settings.name, mayRename: true });
    this.#meetObstacle(before);
    return true;
  }

  /** The page goes away, perhaps to come back: frees devices and connections, keeps the seat for a moment. */
  hide(): void {
    this.#membership.leave('you-left', true);
    this.#membership.cool();
    if (this.state.call.phase === 'lobby') this.#captures.release();
  }

  /** The page came back from the browser's cache. A call that was left stays left; its screen offers the way back. */
  show(): void {
    if (this.state.call.phase === 'lobby') this.#captures.restore();
  }

  /** What the visitor can see of the call. Before it is told, everything is received in its smallest layer, to a page's worth. */
  reportSights(sights: Sights): void {
    this.#membership.reception.see(sights);
  }

  /** Takes effect at once, in a call too. */
  limitPictures(limit: PictureLimit): void {
    this.#membership.reception.limit(limit);
  }

  /** May the first act in the lobby fetch a token and make connections ready? */
  allowPrewarm(isAllowed: boolean): void {
    this.#membership.mayPrewarm = isAllowed;
  }

  /** The browser began or stopped to hold sound back. */
  reportSound(blocked: boolean): void {
    this.#store.dispatch({ type: 'sound', blocked });
  }

  /** Leaves and lets go of everything; the call cannot be used again. */
  close(): void {
    this.#membership.close();
    this.#captures.close();
  }

  #meetObstacle(before: CallSettings): void {
    const { obstacle, detail } = this.#settings;
    if (before.obstacle === obstacle && before.detail === detail) return;
    if (obstacle === '') return this.#store.dispatch({ type: 'lobby-entered', notice: '' });
    this.#captures.release();
    this.#store.dispatch({ type: 'failed', error: obstacle, detail });
  }
}
