/**
 * One line of JSON per event for the operator. Fields are codes, counts and random ids: never a token, a secret, SDP, a
 * name, an address or a session id of the SFU.
 */
export function log(event: string, fields: Readonly<Record<string, string | number | undefined>> = {}): void {
  // oxlint-disable-next-line no-console -- the one place that writes to the log
  console.log(JSON.stringify({ event, ...fields }));
}
