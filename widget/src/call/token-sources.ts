import type { PublishGrant, Source } from '#protocol';
import type { RoomPort, TokenHint } from './ports.ts';
import { covers } from './select.ts';
import type { CallStore } from './store.ts';

/** Published from the first moment, so that no later switch needs a negotiation. */
export const SOURCES_AT_JOIN: readonly Source[] = ['microphone', 'camera'];

/** What the room token tells before the broker has seen it: the visitor's name, and what they may publish. */
export class TokenSources {
  readonly #room: RoomPort;
  readonly #store: CallStore;

  constructor(room: RoomPort, store: CallStore) {
    this.#room = room;
    this.#store = store;
  }

  /** What is to be published from the first moment; by `known` grants, where the room has told some. Takes the name over. */
  async read(signal: AbortSignal, known?: readonly PublishGrant[]): Promise<readonly Source[]> {
    const hint = await this.#room.readToken(signal);
    signal.throwIfAborted();
    this.#takeName(hint);
    const granted = known ?? hint.publish;
    return granted ? SOURCES_AT_JOIN.filter((source) => covers(granted, source)) : SOURCES_AT_JOIN;
  }

  #takeName({ name }: TokenHint): void {
    const { local } = this.#store.state;
    if (name !== undefined) this.#store.dispatch({ type: 'named', name, mayRename: false });
    else if (!local.mayRename) this.#store.dispatch({ type: 'named', name: local.name, mayRename: true });
  }
}
