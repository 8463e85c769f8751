const OPUS_FORMAT = /a=rtpmap:(\d+) opus[^]*?\na=fmtp:\1 /i;

/**
 * Makes silence cheap: by this answer the sender finds that it may send the first sound in it with DTX, which is two or three
 * packets a second in place of fifty. Browsers do so only where the far end asks for it, and the SFU does not. Enough flows on
 * for the SFU to keep the track. An answer that says itself whether it wants it stays as it is.
 */
export function withOpusDtx(answer: string): string {
  return answer.includes('usedtx=') ? answer : answer.replace(OPUS_FORMAT, '$&usedtx=1;');
}
