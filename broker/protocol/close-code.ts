/** Private WebSocket close codes. PROTOCOL.md, rules CL1 to CL11. */
export const CloseCode = {
  /** The client sent something the contract does not know. */
  badMessage: 4400,
  /** Ticket or member secret no longer valid: fetch a new ticket, then a new token. */
  unauthorized: 4401,
  /** Removed by a host: terminal. */
  removed: 4403,
  /** The room was ended: terminal. */
  ended: 4410,
  /** Messages were not read for too long: reconnect, and be told everything anew. */
  tooSlow: 4408,
  /** The same participant joined elsewhere: terminal, offer to take the call back. */
  replaced: 4409,
  /** A message over the limit. */
  tooLarge: 4413,
  /** Far more messages than anybody needs: reconnect after a while. */
  rateLimited: 4429,
  /** The client speaks a protocol that is no longer accepted: terminal. */
  clientTooOld: 4426,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** Close codes after which a client must not reconnect by itself. */
export const TERMINAL_CLOSE_CODES: ReadonlySet<number> = new Set([
  CloseCode.removed,
  CloseCode.ended,
  CloseCode.replaced,
  CloseCode.clientTooOld,
]);
