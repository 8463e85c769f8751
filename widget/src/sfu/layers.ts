import type { Source } from '#protocol';

/**
 * The encodings of each picture, best first. The SFU orders rids from a to z and takes the next in that order where one
 * is missing. Bits per second, by what a tile or a shared screen can use.
 *
 * Firefox layers VP8 only, and refuses parameters whose length or rids differ from those it gave out: to change one, take
 * the object of `getParameters` and set its fields.
 */
const ENCODINGS: Readonly<Partial<Record<Source, RTCRtpEncodingParameters[]>>> = {
  camera: [
    { rid: 'a', maxBitrate: 1_200_000 },
    { rid: 'b', maxBitrate: 350_000, scaleResolutionDownBy: 2 },
    { rid: 'c', maxBitrate: 120_000, scaleResolutionDownBy: 4 },
  ],
  screen: [
    { rid: 'a', maxBitrate: 2_500_000 },
    { rid: 'b', maxBitrate: 400_000, scaleResolutionDownBy: 2 },
  ],
};

/** What a section for this source is offered with. */
export function encodingsFor(source: Source): RTCRtpEncodingParameters[] {
  return ENCODINGS[source]?.map((encoding) => ({ ...encoding })) ?? [{}];
}

/** The layers that are sent, best first: none where the SFU took one encoding only. */
export function ridsOf(sender: RTCRtpSender): string[] {
  const { encodings } = sender.getParameters();
  return encodings.length > 1 ? encodings.flatMap(({ rid }) => rid ?? []) : [];
}

/** Switches the layers above `best` off, and the others on; all where it is undefined. The last one is always on. */
export async function sendLayers(sender: RTCRtpSender, best: string | undefined): Promise<void> {
  const parameters = sender.getParameters();
  let isChanged = false;
  for (const [index, encoding] of parameters.encodings.entries()) {
    const isLast = index === parameters.encodings.length - 1;
    const active = best === undefined || isLast || (best !== '' && (encoding.rid ?? '') >= best);
    isChanged ||= (encoding.active ?? true) !== active;
    encoding.active = active;
  }
  if (isChanged) await sender.setParameters(parameters);
}
