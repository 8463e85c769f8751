/** The version of the contract in this folder. A broker refuses clients older than `PROTOCOL_OLDEST`. */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_OLDEST = 1;

/** Offered by the client and echoed by the broker in `Sec-WebSocket-Protocol`, beside the ticket. */
export const SOCKET_PROTOCOL = 'realtime-call.v1';
/** Precedes the ticket in `Sec-WebSocket-Protocol`. */
export const TICKET_PREFIX = 'ticket.';
