/** Everything that can go wrong in a call, by stable code. Each has a text and a way on in `ui/strings`. */
export type CallErrorCode =
  /** The page is not served over HTTPS, so browsers hide camera and microphone. */
  | 'insecure-page'
  | 'unsupported-browser'
  /** The tag lacks `room`, or both `token` and `token-url`. */
  | 'misconfigured-tag'
  | 'token-missing'
  | 'token-malformed'
  | 'token-expired'
  | 'token-early'
  | 'token-wrong-room'
  /** The broker refused the token, and nothing readable in it says why. */
  | 'token-refused'
  | 'token-url-unauthorized'
  | 'token-url-failed'
  /** `token-url` answered with something that is not a token, such as an HTML page. */
  | 'token-url-not-token'
  | 'token-url-timeout'
  | 'broker-unreachable'
  | 'broker-misconfigured'
  | 'broker-failed'
  | 'room-full'
  | 'room-locked'
  /** The minutes that the token allows are over. */
  | 'time-over'
  | 'not-allowed'
  | 'client-too-old'
  | 'rate-limited'
  | 'sfu-refused'
  | 'sfu-unreachable'
  | 'sfu-timeout'
  /** Signalling works and media does not: most often a firewall. */
  | 'media-unreachable'
  | 'device-denied'
  | 'device-missing'
  | 'device-busy'
  | 'device-failed'
  /** The permission prompt has been open for half a minute. */
  | 'device-unanswered';

/** An error a person can be told about. `message` is for developers; people read the text of `code`. */
export class CallError extends Error {
  readonly code: CallErrorCode;

  constructor(code: CallErrorCode, message: string = code, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CallError';
    this.code = code;
  }
}
