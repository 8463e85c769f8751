import type { Page } from 'playwright-core';

/** What a page received and showed, moment by moment. */
export interface Moment {
  /** Milliseconds on the page's clock. */
  at: number;
  /** Packets of sound received, over all connections there have been. */
  sound: number;
  /** Pictures decoded, likewise. */
  pictures: number;
  tiles: number;
  /** Tiles whose picture is missing or black. */
  dark: number;
  streams: number;
}

interface Recorder {
  moments: Moment[];
  stop: () => void;
}

declare global {
  var mediaRecorder: Recorder | undefined;
}

/** Runs in the page: looks twenty times a second until it is stopped. */
function record(): void {
  const totals = new Map<string, number>();
  const streams = new Set<MediaProvider | null>();
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const moments: Moment[] = [];
  let isStopped = false;

  const videos = (): { tiles: Element[]; shown: HTMLVideoElement[] } => {
    const find = (root: ParentNode, selector: string): Element[] => [
      ...root.querySelectorAll(selector),
      ...[...root.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? find(shadowRoot, selector) : [])),
    ];
    const tiles = find(document, 'rc-participant-tile');
    return { tiles, shown: tiles.flatMap((tile) => [...(tile.shadowRoot?.querySelectorAll('video') ?? [])]) };
  };
  const isBlack = (video: HTMLVideoElement): boolean => {
    if (!context || video.videoWidth === 0) return true;
    context.clearRect(0, 0, 8, 8);
    context.drawImage(video, 0, 0, 8, 8);
    return !context.getImageData(0, 0, 8, 8).data.some((value, index) => index % 4 < 3 && value > 40);
  };
  const look = async (): Promise<void> => {
    for (const [index, connection] of callProbe.connections.entries()) {
      if (connection.connectionState === 'closed') continue;
      for (const stats of (await connection.getStats()).values() as Iterable<RTCInboundRtpStreamStats>) {
        if (stats.type !== 'inbound-rtp') continue;
        const count = stats.kind === 'audio' ? stats.packetsReceived : stats.framesDecoded;
        totals.set(`${stats.kind} ${index} ${stats.id}`, count ?? 0);
      }
    }
    const { tiles, shown } = videos();
    for (const { srcObject } of shown) streams.add(srcObject);
    const sum = (kind: string): number =>
      [...totals].reduce((total, [key, count]) => total + (key.startsWith(kind) ? count : 0), 0);
    moments.push({
      at: performance.now(),
      sound: sum('audio'),
      pictures: sum('video'),
      tiles: tiles.length,
      dark: tiles.length - shown.filter((video) => !isBlack(video)).length,
      streams: streams.size,
    });
    if (!isStopped) setTimeout(() => void look(), 50);
  };
  globalThis.mediaRecorder = { moments, stop: () => (isStopped = true) };
  void look();
}

/** The record of a page from {@link MediaTimeline.start} to {@link MediaTimeline.stop}. */
export class MediaTimeline {
  readonly moments: readonly Moment[];

  private constructor(moments: readonly Moment[]) {
    this.moments = moments;
  }

  static start(page: Page): Promise<void> {
    return page.evaluate(record);
  }

  static async stop(page: Page): Promise<MediaTimeline> {
    return new MediaTimeline(
      await page.evaluate(() => {
        globalThis.mediaRecorder?.stop();
        return globalThis.mediaRecorder?.moments ?? [];
      }),
    );
  }

  /** The longest time in which nothing of that kind came, less what the page itself stood still; milliseconds. */
  longestGap(kind: 'sound' | 'pictures'): number {
    let [gap, longest] = [0, 0];
    for (const [index, moment] of this.moments.entries()) {
      const before = this.moments[index - 1];
      if (!before) continue;
      // A look takes some 50 ms; on a busy machine the page may come late to it, which is no gap in the media.
      gap = moment[kind] > before[kind] ? 0 : gap + Math.min(moment.at - before.at, 150);
      longest = Math.max(longest, gap);
    }
    return longest;
  }

  /** How long the page itself stood still at the worst, which no fault is to blame for; milliseconds. */
  get worstStall(): number {
    const steps = this.moments.slice(1).map(({ at }, index) => at - (this.moments[index]?.at ?? at));
    return Math.max(0, ...steps.map((step) => step - 150));
  }

  /** The most of something there was at any moment. */
  most(what: 'tiles' | 'dark' | 'streams'): number {
    return Math.max(...this.moments.map((moment) => moment[what]));
  }
}
