import { html } from 'lit';
import type { MediaView } from './call/view.ts';
import { equal } from './testing/assert.ts';
import { inCall, participant } from './testing/call-states.ts';
import { FakeCallView } from './testing/fake-call-view.ts';
import { LoopbackParticipant } from './testing/loopback-participant.ts';
import { LoopbackSfu } from './testing/loopback-sfu.ts';
import { colorTrack } from './testing/synthetic-media.ts';
import { mount, unmount, until } from './testing/ui-fixture.ts';
import './ui/participant-tile/participant-tile.ts';

const SWAPS = 6;
const LOOKS = 10;
/** Of red, green and blue the one that is theirs. */
const CHANNELS = { ann: 0, bob: 1 } as const;
const IDS = ['ann', 'bob'] as const;

describe('tiles of people received in one section by turns', () => {
  let sfu: LoopbackSfu;
  let people: LoopbackParticipant[] = [];

  afterEach(() => {
    unmount();
    for (const person of people) person.close();
    sfu.close();
  });

  it('never paint a frame of anybody else', async () => {
    sfu = new LoopbackSfu();
    // What comes meanwhile is of the other, though the SFU has said yes.
    sfu.faults.repointsLateBy = 300;
    const person = (id: string) => new LoopbackParticipant(id, sfu);
    const [ann, bob, cam] = [person('ann'), person('bob'), person('cam')];
    people = [ann, bob, cam];
    // Of different sizes, so that each change begins with a key frame as at an SFU.
    ann.media.set('camera', colorTrack('red', 160, 90));
    bob.media.set('camera', colorTrack('lime', 192, 108));
    await Promise.all([ann.join(), bob.join()]);
    await cam.join(ann.live);

    const media: MediaView = {
      stream: (id, source) => cam.engine.stream(id, source),
      subscribe: (listener) => cam.engine.subscribeStreams(listener),
      level: () => 0,
      sounds: new Map(),
    };
    const roster = ['cam', 'ann', 'bob'].map((name) => participant(name, ['camera']));
    const view = Object.assign(new FakeCallView(inCall(roster)), { media });
    const { findAll } = await mount(
      view as unknown as FakeCallView,
      html`<div style="display: grid; grid-template-columns: 160px 160px; grid-auto-rows: 90px">
        ${IDS.map((id) => html`<rc-participant-tile .participantId=${id}></rc-participant-tile>`)}
      </div>`,
    );
    const tiles = findAll('rc-participant-tile');
    /** The pictures that can be seen now, with their colour. */
    const shown = () =>
      tiles.flatMap((tile, index) => {
        const video = tile.shadowRoot?.querySelector('video');
        const id = IDS[index]!;
        return video?.classList.contains('shown') ? [{ id, color: colorOf(video) }] : [];
      });
    const isShown = (only: string) =>
      shown()
        .map(({ id }) => id)
        .join() === only;
    const faults: string[] = [];
    let painted = 0;
    const watch = setInterval(() => {
      for (const { id, color } of shown()) {
        painted++;
        const isTheirs = color[CHANNELS[id]]! > 200 && color[1 - CHANNELS[id]]! < 80;
        if (!isTheirs) faults.push(`${id} shows ${color.join()}`);
      }
    }, 5);

    try {
      for (let swap = 0; swap < SWAPS; swap++) {
        const next = swap % 2 === 0 ? bob : ann;
        await cam.watch(next.live);
        await until(`${next.id} is seen, and nobody else`, () => isShown(next.id));
        const before = painted;
        await until('a good look', () => painted >= before + LOOKS);
      }
    } finally {
      clearInterval(watch);
    }
    equal(faults, []);
    const repoints = sfu.calls.filter(({ operation }) => operation === 'updateTracks').length;
    equal(repoints, SWAPS, 'all in the same section');
  });
});

const canvas = document.createElement('canvas');
canvas.width = canvas.height = 1;
const context = canvas.getContext('2d', { willReadFrequently: true })!;

/** In the middle of what the video paints. */
function colorOf(video: HTMLVideoElement): Uint8ClampedArray {
  context.clearRect(0, 0, 1, 1);
  context.drawImage(video, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data.slice(0, 3);
}
