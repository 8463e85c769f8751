import { parseInteger, parseMemberId, parseRecord } from '#protocol';

/** What a socket remembers through hibernation: which connection it is. Everything else is in the room. */
export interface Attachment {
  version: 1;
  connectionId: string;
  /** Milliseconds since the epoch. */
  openedAt: number;
}

/** Reads an attachment back; undefined where there is none, or one that this version does not know. */
export function parseAttachment(value: unknown): Attachment | undefined {
  try {
    const record = parseRecord(value, 'attachment');
    return {
      version: parseInteger(1, 1)(record['version'], 'version') as 1,
      connectionId: parseMemberId(record['connectionId'], 'connectionId'),
      openedAt: parseInteger(0, Number.MAX_SAFE_INTEGER)(record['openedAt'], 'openedAt'),
    };
  } catch {
    return undefined;
  }
}
