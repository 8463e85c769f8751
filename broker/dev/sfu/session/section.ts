import type { Publication } from '../media/publication.ts';
import type { Subscription } from '../media/subscription.ts';
import type { Codec, MediaKind } from '../sdp/codec.ts';
import type { HeaderExtension } from '../sdp/header-extension.ts';

/** One section of a session's SDP, as both sides have agreed on it. It keeps its place for ever. */
export class Section {
  readonly mid: string;
  readonly kind: MediaKind | 'application';
  /** The client stopped it, or the SFU knows none of its codecs: only its place is left. */
  stopped = false;
  /** While nothing is bound to it: all the client offered. Afterwards: the one in use. */
  codecs: Codec[] = [];
  extensions: HeaderExtension[] = [];
  rids: readonly string[] = [];
  clientSends = false;
  clientReceives = false;
  /** The SFU offers the section, and what the client's answer sends on it is published under this name. */
  reservedName: string | undefined;
  publication: Publication | undefined;
  subscription: Subscription | undefined;
  /** Published, then closed by force: what is published here again reaches nobody. */
  isSpent = false;
  /** What GET still lists after a forced close. */
  readonly closed: ClosedTrack[] = [];

  constructor(mid: string, kind: MediaKind | 'application') {
    this.mid = mid;
    this.kind = kind;
  }

  /** A receiving section of the client's that waits for a track. */
  isVacant(kind: MediaKind): boolean {
    return !this.stopped && this.kind === kind && this.clientReceives && !this.clientSends && !this.subscription;
  }
}

export interface ClosedTrack {
  location: 'local' | 'remote';
  trackName: string;
  sessionId?: string;
}
