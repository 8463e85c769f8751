import { html } from 'lit';
import { trackKey, type InCall, type LocalState } from '../../call/state.ts';
import { equal, match } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { mount, nextFrame, pictureStream, unmount, until } from '../../testing/ui-fixture.ts';
import './participant-tile.ts';

const ana = participant('Ana Souza', ['camera', 'microphone']);
const ben = participant('Ben Okafor', ['camera', 'microphone']);
const on: Partial<LocalState> = {
  microphone: { status: 'on', deviceId: '', label: '' },
  camera: { status: 'on', deviceId: '', label: '' },
};

function tileOf(id: string, view: FakeCallView, source: 'camera' | 'screen' = 'camera') {
  return mount(view, html`<rc-participant-tile .participantId=${id} .source=${source}></rc-participant-tile>`);
}
/** Of a canvas on which nothing is drawn: it has no frame. */
const stillTrack = () => document.createElement('canvas').captureStream(0).getVideoTracks()[0]!;
const call = (change: Partial<InCall> = {}) => new FakeCallView(inCall([ana, ben], change), on);

describe('rc-participant-tile', () => {
  afterEach(unmount);

  it('shows the avatar until the first frame is there, then the picture, silently', async () => {
    const view = call();
    const { find, findAll, settled } = await tileOf(ben.id, view);
    match(find('.avatar'), /^BO$/);
    equal(findAll('video').length, 0);
    view.media.setStream(ben.id, 'camera', pictureStream());
    await settled();
    const video = find<HTMLVideoElement>('video');
    equal(video.muted, true);
    await until('the picture', () => video.classList.contains('shown'));
    equal(video.currentTime > 0, true);
    equal(findAll('.avatar').length, 0);
  });

  it('never shows one stream for another: the avatar is there until a frame of the new one is painted', async () => {
    const view = call();
    view.media.setStream(ben.id, 'camera', pictureStream());
    const { find, findAll, settled } = await tileOf(ben.id, view);
    const video = find<HTMLVideoElement>('video');
    await until('the picture', () => video.classList.contains('shown'));
    view.media.setStream(ben.id, 'camera', new MediaStream([stillTrack()]));
    await settled();
    await until('the video has begun anew', () => !video.classList.contains('shown'));
    for (let frame = 0; frame < 10; frame++) await nextFrame();
    equal([find('video') === video, video.classList.contains('shown')], [true, false]);
    match(find('.avatar'), /^BO$/);
    view.media.setStream(ben.id, 'camera', pictureStream());
    await until('the picture', () => video.classList.contains('shown'));
    equal(findAll('.avatar').length, 0);
  });

  it('takes the start of playing for the first frame where the browser tells of none', async () => {
    const { prototype } = HTMLVideoElement;
    const method = Object.getOwnPropertyDescriptor(prototype, 'requestVideoFrameCallback')!;
    Reflect.deleteProperty(prototype, 'requestVideoFrameCallback');
    try {
      const view = call();
      view.media.setStream(ben.id, 'camera', pictureStream());
      const { find } = await tileOf(ben.id, view);
      await until('the picture', () => find('video').classList.contains('shown'));
    } finally {
      Object.defineProperty(prototype, 'requestVideoFrameCallback', method);
    }
  });

  it('shows the avatar when the camera is off, whatever the stream still holds', async () => {
    const view = call();
    view.media.setStream(ben.id, 'camera', pictureStream());
    const { find, findAll, settled } = await tileOf(ben.id, view);
    await until('the picture', () => find('video').classList.contains('shown'));
    view.setCall({ participants: [ana, participant('Ben Okafor', ['microphone'], ['camera'])] });
    await settled();
    equal(findAll('video').length, 0);
    match(find('.avatar'), /^BO$/);
  });

  it('keeps the same video, and its stream, through changes that are not about it', async () => {
    const view = call();
    view.media.setStream(ben.id, 'camera', pictureStream());
    const { find, settled } = await tileOf(ben.id, view);
    const video = find<HTMLVideoElement>('video');
    const { srcObject } = video;
    await until('the picture', () => video.currentTime > 0);
    let emptied = 0;
    video.addEventListener('emptied', () => emptied++);
    view.setCall({ speakers: [ben.id], activeSpeaker: ben.id, participants: [ana, { ...ben, name: 'Benjamin' }] });
    await settled();
    const { currentTime } = video;
    await until('the picture moves on', () => video.currentTime > currentTime);
    equal(find('video'), video);
    equal(video.srcObject === srcObject, true);
    equal(emptied, 0);
  });

  it('goes on playing after the page moved it', async () => {
    const view = call();
    view.media.setStream(ben.id, 'camera', pictureStream());
    const { element, find, settled } = await tileOf(ben.id, view);
    const video = find<HTMLVideoElement>('video');
    await until('the picture', () => video.currentTime > 0);
    const parent = element.parentElement;
    element.remove();
    await until('the browser paused what is out of the page', () => video.paused);
    parent?.append(element);
    await settled();
    const { currentTime } = video;
    await until('the picture moves on', () => !video.paused && video.currentTime > currentTime);
  });

  it('lets go of the call when it leaves the page', async () => {
    const view = call();
    const { element } = await tileOf(ben.id, view);
    equal(view.listeners > 0, true);
    element.remove();
    equal(view.listeners, 0);
  });

  it('mirrors me and nobody else, and my screen neither', async () => {
    const view = call();
    equal((await tileOf(ana.id, view)).element.hasAttribute('mirrored'), true);
    equal((await tileOf(ben.id, view)).element.hasAttribute('mirrored'), false);
    equal((await tileOf(ana.id, view, 'screen')).element.hasAttribute('mirrored'), false);
  });

  it('takes my own state from my devices, before the room knows', async () => {
    const view = call();
    view.media.setStream('self', 'camera', pictureStream());
    const { find, findAll, settled } = await tileOf(ana.id, view);
    match(find('.name'), /^Ana Souza \(you\)$/);
    equal(findAll('video').length, 1);
    view.setLocal({ camera: { status: 'off' }, microphone: { status: 'muted', deviceId: '', label: '' } });
    await settled();
    equal(findAll('video').length, 0);
    match(find('.name'), /microphone off Ana Souza/);
  });

  it('tells who is muted, who speaks, who spoke last and who is away, in words too', async () => {
    const view = call();
    const { element, find, settled } = await tileOf(ben.id, view);
    match(find('.name'), /^Ben Okafor$/);
    view.setCall({ speakers: [ben.id], activeSpeaker: ben.id });
    await settled();
    match(find('.name'), /^speaking Ben Okafor$/);
    equal([element.hasAttribute('speaking'), element.hasAttribute('active')], [true, true]);
    view.setCall({ speakers: [], participants: [ana, participant('Ben Okafor', ['camera'], ['microphone'])] });
    await settled();
    match(find('.name'), /^microphone off Ben Okafor$/);
    equal([element.hasAttribute('speaking'), element.hasAttribute('active')], [false, true]);
    view.setCall({ participants: [ana, { ...ben, presence: 'away' }] });
    await settled();
    match(find('.name'), /^reconnecting Ben Okafor$/);
  });

  it('says that a picture does not get through, rather than wait for it', async () => {
    const failed = { status: 'failed', errorCode: 'not_found_track_error' } as const;
    const view = call({ tracks: { [trackKey(ben.sessionId, 'camera-1')]: failed } });
    const { find } = await tileOf(ben.id, view);
    match(find('.trouble'), /does not get through/);
  });

  it('gives a name to somebody without one, and a foreign name its own direction', async () => {
    const nobody = { ...ben, name: '' };
    const view = call({ participants: [ana, nobody] });
    const { find } = await tileOf(ben.id, view);
    match(find('.name'), /^Guest$/);
    equal(find('.text').dir, 'auto');
  });

  it('does not blow up an upright picture to fill a wide tile', async () => {
    const view = call();
    view.media.setStream(ben.id, 'camera', pictureStream(180, 320));
    const { element, find, settled } = await tileOf(ben.id, view);
    const video = find<HTMLVideoElement>('video');
    element.style.cssText = 'width: 320px; height: 180px';
    await until('the size is known', () => video.classList.contains('upright'));
    equal(getComputedStyle(video).objectFit, 'contain');
    element.style.cssText = 'width: 180px; height: 320px';
    await settled();
    equal(getComputedStyle(video).objectFit, 'cover');
  });
});
