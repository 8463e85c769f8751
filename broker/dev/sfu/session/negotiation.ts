import type { SessionDescription } from '#protocol';
import { refusal } from '../api/api-error.ts';
import { SUPPORTED_CODECS, type MediaKind } from '../sdp/codec.ts';
import {
  PUBLISHER_EXTENSIONS,
  PUBLISHER_FEEDBACK,
  SUBSCRIBER_EXTENSIONS,
  SUBSCRIBER_FEEDBACK,
} from '../sdp/header-extension.ts';
import type { MediaSection, ParsedSdp } from '../sdp/parse-sdp.ts';
import { writeSdp, type SdpTransport } from '../sdp/write-sdp.ts';
import { describeSection } from './describe-section.ts';
import { Numbering } from './numbering.ts';
import { Section } from './section.ts';

/** What the negotiation brings to an end or sets going; the session does it. */
export interface SectionEvents {
  unpublish(section: Section): void;
  unsubscribe(section: Section): void;
  /** The client has agreed to receive the section's subscription. */
  start(section: Section): void;
}

/** The offer/answer state of one session: its sections in order, and whether the SFU waits for an answer. */
export class Negotiation {
  readonly numbering = new Numbering();
  readonly #sections: Section[] = [];
  readonly #transport: SdpTransport;
  readonly #events: SectionEvents;
  /** Decimal digits for the o= line. */
  readonly #id: string;
  #version = 0;
  #awaitsAnswer = false;

  constructor(sessionId: string, transport: SdpTransport, events: SectionEvents) {
    this.#id = String(parseInt(sessionId.slice(0, 12), 16));
    this.#transport = transport;
    this.#events = events;
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  get awaitsAnswer(): boolean {
    return this.#awaitsAnswer;
  }

  section(mid: string): Section | undefined {
    return this.#sections.find((section) => section.mid === mid && !section.stopped);
  }

  /** Adds a section of the SFU's own, which the next offer shows. */
  addSection(kind: MediaKind, client: 'subscriber' | 'publisher'): Section {
    const section = new Section(this.#freeMid(), kind);
    section.extensions = this.numbering.extensionsFor(kind, client);
    this.#sections.push(section);
    return section;
  }

  /** The section of the data channels, where the client knows one or the next offer shows one. */
  get dataSection(): Section | undefined {
    return this.#sections.find((section) => section.kind === 'application' && !section.stopped);
  }

  /** Adds the SFU's own section for data channels, which the next offer shows. */
  addDataSection(): void {
    this.#sections.push(new Section(this.#freeMid(), 'application'));
  }

  /** Takes the client's offer; {@link createAnswer} must follow. Throws before anything is changed. */
  applyOffer(sdp: ParsedSdp): void {
    if (sdp.sections.length === 0) throw refusal.unacceptable('The offer has no section');
    if (sdp.sections.length < this.#sections.length) throw refusal.unacceptable('The offer lacks a section');
    sdp.sections.forEach(({ mid, kind }, index) => {
      const known = this.#sections[index];
      if (known && !known.stopped && (known.mid !== mid || known.kind !== kind))
        throw refusal.unacceptable(`Section ${index} of the offer is not the one it was`);
    });
    sdp.sections.forEach((offered, index) => {
      let section = this.#sections[index];
      const isRecycled = section?.stopped === true && !offered.stopped && section.mid !== offered.mid;
      if (!section || isRecycled) {
        section = new Section(offered.mid, offered.kind);
        this.#sections[index] = section;
      }
      if (offered.stopped) this.#stop(section);
      else if (offered.kind !== 'application') this.#offer(section, offered);
    });
  }

  /** Takes the client's answer to the SFU's offer. Throws before anything is changed. */
  applyAnswer(sdp: ParsedSdp): void {
    const matches =
      sdp.sections.length === this.#sections.length &&
      sdp.sections.every(({ mid }, index) => mid === this.#sections[index]!.mid);
    if (!matches) throw refusal.unacceptable('The answer does not have the sections of the offer');
    this.#awaitsAnswer = false;
    sdp.sections.forEach((answered, index) => {
      const section = this.#sections[index]!;
      if (answered.stopped) this.#stop(section);
      else if (answered.kind !== 'application') {
        this.#agree(section, answered);
        if (section.clientReceives && section.subscription) this.#events.start(section);
      }
    });
  }

  /** Media the answer grants may flow from here on. */
  createAnswer(): SessionDescription {
    for (const section of this.#sections)
      if (section.clientReceives && section.subscription) this.#events.start(section);
    return { type: 'answer', sdp: this.#write('answer') };
  }

  createOffer(): SessionDescription {
    this.#awaitsAnswer = true;
    return { type: 'offer', sdp: this.#write('offer') };
  }

  #offer(section: Section, offered: MediaSection): void {
    this.numbering.learn(offered);
    if (section.codecs.length === 0) {
      const names = SUPPORTED_CODECS[offered.kind];
      const supported = offered.codecs.filter((codec) => names.includes(codec.name));
      if (supported.length === 0) {
        this.#stop(section);
        return;
      }
      const sends = offered.direction === 'sendrecv' || offered.direction === 'sendonly';
      const feedback = sends ? PUBLISHER_FEEDBACK : SUBSCRIBER_FEEDBACK;
      const extensions = (sends ? PUBLISHER_EXTENSIONS : SUBSCRIBER_EXTENSIONS)[offered.kind];
      // One codec only where the client sends: so it is certain which one comes.
      section.codecs = (sends ? supported.slice(0, 1) : supported).map((codec) => ({
        ...codec,
        feedback: codec.feedback.filter((kind) => feedback.includes(kind)),
      }));
      section.extensions = offered.extensions.filter(({ uri }) => extensions.includes(uri));
    }
    section.rids = offered.rids;
    this.#agree(section, offered);
  }

  #agree(section: Section, described: MediaSection): void {
    const { direction } = described;
    section.clientSends = direction === 'sendrecv' || direction === 'sendonly';
    section.clientReceives = direction === 'sendrecv' || direction === 'recvonly';
    // Firefox refuses an answer with an extension that its last offer lacks.
    section.extensions = section.extensions.filter((extension) =>
      described.extensions.some(({ uri, id }) => uri === extension.uri && id === extension.id),
    );
    if (!section.clientSends) this.#events.unpublish(section);
    if (!section.clientReceives) this.#events.unsubscribe(section);
  }

  #stop(section: Section): void {
    this.#events.unpublish(section);
    this.#events.unsubscribe(section);
    section.stopped = true;
  }

  #freeMid(): string {
    const used = new Set(this.#sections.map((section) => section.mid));
    let number = this.#sections.length;
    while (used.has(String(number))) number += 1;
    return String(number);
  }

  #write(type: 'offer' | 'answer'): string {
    this.#version += 1;
    return writeSdp({
      type,
      sessionId: this.#id,
      version: this.#version,
      transport: this.#transport,
      sections: this.#sections.map((section) => describeSection(section, type)),
    });
  }
}
