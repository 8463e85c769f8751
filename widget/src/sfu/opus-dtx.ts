/**
 * Makes silence cheap: in this section of an answer the sender finds that it may send Opus with DTX, two or three packets a
 * second in place of fifty. Browsers do so only where the far end asks for it, and the SFU does not. Enough flows on for the
 * SFU to keep the track. An answer without Opus there stays as it is, and so does one that says of itself what it wants.
 */
export function withOpusDtx(answer: string, mid: string): string {
  const sections = answer.split(/(?=^m=)/m).map((section) => {
    const payload = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1];
    if (!payload || !section.includes(`a=mid:${mid}\r\n`) || section.includes('usedtx=')) return section;
    const format = `a=fmtp:${payload} `;
    return section.includes(format) ? section.replace(format, `${format}usedtx=1;`) : `${section}${format}usedtx=1\r\n`;
  });
  return sections.join('');
}
