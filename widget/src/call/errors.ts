/** Everything that can go wrong in a call, by stable code. Each has a text and a way on in `ui/strings`. */
export const CallErrorCode = {
  /** The page is not served over HTTPS, so browsers hide camera and microphone. */
  insecurePage: 'insecure-page',
  unsupportedBrowser: 'unsupported-browser',
  /** The tag lacks `room`, or both `token` and `token-url`. */
  misconfiguredTag: 'misconfigured-tag',

  tokenMissing: 'token-missing',
  tokenMalformed: 'token-malformed',
  tokenExpired: 'token-expired',
  tokenEarly: 'token-early',
  tokenWrongRoom: 'token-wrong-room',
  /** The broker refused the token, and nothing readable in it says why. */
  tokenRefused: 'token-refused',
  tokenUrlUnauthorized: 'token-url-unauthorized',
  tokenUrlFailed: 'token-url-failed',
  /** `token-url` answered with something that is not a token, such as an HTML page. */
  tokenUrlNotToken: 'token-url-not-token',
  tokenUrlTimeout: 'token-url-timeout',

  brokerUnreachable: 'broker-unreachable',
  brokerMisconfigured: 'broker-misconfigured',
  brokerFailed: 'broker-failed',
  roomFull: 'room-full',
  notAllowed: 'not-allowed',
  clientTooOld: 'client-too-old',
  rateLimited: 'rate-limited',

  sfuRefused: 'sfu-refused',
  sfuUnreachable: 'sfu-unreachable',
  sfuTimeout: 'sfu-timeout',
  /** Signalling works and media does not: most often a firewall. */
  mediaUnreachable: 'media-unreachable',

  deviceDenied: 'device-denied',
  deviceMissing: 'device-missing',
  deviceBusy: 'device-busy',
  deviceFailed: 'device-failed',
  /** The permission prompt has been open for half a minute. */
  deviceUnanswered: 'device-unanswered',
} as const;
export type CallErrorCode = (typeof CallErrorCode)[keyof typeof CallErrorCode];

/** An error a person can be told about. `message` is for developers; people read the text of `code`. */
export class CallError extends Error {
  readonly code: CallErrorCode;

  constructor(code: CallErrorCode, message: string = code, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CallError';
    this.code = code;
  }
}
