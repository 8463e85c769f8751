import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands';
import { equal, match, notEqual } from '../../testing/assert.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { faultsIn, focused, mountScreen, pictureStream, unmount, until } from '../../testing/ui-fixture.ts';

const devices = {
  microphone: [
    { id: 'mic-1', label: 'Built-in' },
    { id: 'mic-2', label: 'Headset' },
  ],
  camera: [{ id: 'cam-1', label: 'FaceTime' }],
  speaker: [{ id: 'out-1', label: '' }],
};
const on = {
  microphone: { status: 'on', deviceId: 'mic-2', label: 'Headset' },
  camera: { status: 'on', deviceId: 'cam-1', label: 'FaceTime' },
} as const;

describe('rc-lobby-screen', () => {
  afterEach(unmount);

  it('asks nothing of a device, and nothing at all, before the visitor acts', async () => {
    const asked: string[] = [];
    const { mediaDevices } = navigator;
    const { getUserMedia, enumerateDevices } = mediaDevices;
    mediaDevices.getUserMedia = async (...all) => (asked.push('getUserMedia'), getUserMedia.apply(mediaDevices, all));
    mediaDevices.enumerateDevices = async () => (asked.push('enumerateDevices'), enumerateDevices.apply(mediaDevices));
    try {
      const { requests } = await mountScreen(new FakeCallView());
      equal(asked, []);
      equal(requests, []);
    } finally {
      Reflect.deleteProperty(mediaDevices, 'getUserMedia'); // what the prototype has is seen again
      Reflect.deleteProperty(mediaDevices, 'enumerateDevices');
    }
  });

  it('turns on camera and microphone with one press, or each alone', async () => {
    const { find, requests } = await mountScreen(new FakeCallView());
    find('.side>button').click();
    find('button[aria-label="Microphone"]').click();
    find('button[aria-label="Camera"]').click();
    equal(requests, [
      { type: 'set-capture', source: 'camera', on: true },
      { type: 'set-capture', source: 'microphone', on: true },
      { type: 'set-capture', source: 'microphone', on: true },
      { type: 'set-capture', source: 'camera', on: true },
    ]);
  });

  it('says in words what one joins with', async () => {
    const view = new FakeCallView();
    const { find, settled } = await mountScreen(view);
    match(find('#joins-with'), /without camera or microphone/);
    view.setLocal({ microphone: on.microphone });
    await settled();
    match(find('#joins-with'), /with the microphone only/);
    view.setLocal({ camera: on.camera });
    await settled();
    match(find('#joins-with'), /with camera and microphone/);
  });

  it('joins by the button and by Enter in the name, with the name as it was typed', async () => {
    const { find, requests } = await mountScreen(new FakeCallView());
    find('input').focus();
    await sendKeys({ type: 'Zoë' });
    await sendKeys({ press: 'Enter' });
    equal(requests, [
      { type: 'set-name', name: 'Z' },
      { type: 'set-name', name: 'Zo' },
      { type: 'set-name', name: 'Zoë' },
      { type: 'join' },
    ]);
    find('button[part="join-button"]').click();
    equal(requests.at(-1), { type: 'join' });
  });

  it('tells of whoever is about to join, by pointer or by keys', async () => {
    const { find, requests } = await mountScreen(new FakeCallView());
    const button = find('button[part="join-button"]');
    button.dispatchEvent(new PointerEvent('pointerenter'));
    equal(requests, [{ type: 'approach' }]);
    button.focus();
    equal(requests, [{ type: 'approach' }, { type: 'approach' }]);
  });

  it('does not let a name be changed that the token gave', async () => {
    const { find, findAll } = await mountScreen(new FakeCallView(undefined, { name: 'Ana', mayRename: false }));
    equal(findAll('input').length, 0);
    match(find('form'), /Ana/);
  });

  it('shows the camera mirrored, and the avatar without one', async () => {
    const view = new FakeCallView(undefined, { name: 'Ana Souza' });
    const { find, findAll, settled } = await mountScreen(view);
    match(find('.preview .avatar'), /^AS$/);
    view.setLocal(on);
    view.media.setStream('self', 'camera', pictureStream());
    await settled();
    const video = find<HTMLVideoElement>('.preview video');
    await until('the preview plays', () => video.currentTime > 0 && video.videoWidth > 0);
    equal(getComputedStyle(video).scale, '-1 1');
    let emptied = 0;
    video.addEventListener('emptied', () => emptied++);
    view.setLocal({ name: 'Ana S' });
    await settled();
    const { currentTime } = video;
    await until('the preview moves on', () => video.currentTime > currentTime);
    equal(emptied, 0, 'it does not start again with each letter of the name');
    equal(findAll('.preview .avatar').length, 0);
    view.setLocal({ camera: { status: 'off' } });
    await settled();
    equal(findAll('.preview video').length, 0);
  });

  it('offers the devices once one is on, the used one chosen', async () => {
    const view = new FakeCallView(undefined, { devices });
    const { find, findAll, settled, requests } = await mountScreen(view);
    equal(findAll('select').length, 0);
    view.setLocal(on);
    await settled();
    const select = find<HTMLSelectElement>('select');
    equal(select.value, 'mic-2');
    select.value = 'mic-1';
    select.dispatchEvent(new Event('change'));
    await settled();
    equal(requests, [{ type: 'choose-device', kind: 'microphone', id: 'mic-1' }]);
    equal(select.value, 'mic-2', 'what is not so yet is not shown');
    match(find('rc-device-select[kind="speaker"]').shadowRoot, /Speaker 1/);
  });

  it('puts the failure of a device beside it, with the way on', async () => {
    const view = new FakeCallView(undefined, {
      camera: { status: 'failed', error: 'device-denied' },
      microphone: { status: 'failed', error: 'device-busy' },
    });
    const { findAll, requests } = await mountScreen(view);
    const [camera, microphone] = findAll('.error');
    match(camera, /Camera: Access is blocked.*Allow it/s);
    match(microphone, /Microphone: The device is in use.*Close the app/s);
    camera?.querySelector('button')?.click();
    equal(requests, [{ type: 'set-capture', source: 'camera', on: true }]);
  });

  it('keeps its elements while joining, shows that it is busy, and can be cancelled', async () => {
    const view = new FakeCallView();
    const { find, findAll, settled, requests } = await mountScreen(view);
    const join = find('button[part="join-button"]');
    join.focus();
    requests.length = 0;
    view.setPhase({ phase: 'joining' });
    await settled();
    join.dispatchEvent(new PointerEvent('pointerenter'));
    equal(find('button[part="join-button"]'), join);
    equal(join.getAttribute('aria-busy'), 'true');
    match(join, /Joining/);
    join.click();
    equal(requests, [], 'one cannot join twice');
    findAll('.join button')[1]?.click();
    equal(requests, [{ type: 'leave' }, { type: 'return-to-lobby' }]);
  });

  it('shows why the last attempt failed until it is dismissed', async () => {
    const { find, requests } = await mountScreen(new FakeCallView({ phase: 'lobby', notice: 'room-full' }));
    match(find('[role="alert"]'), /The room is full/);
    find('[role="alert"] button').click();
    equal(requests, [{ type: 'dismiss-notice' }]);
  });

  it('can be used from the keyboard alone, in reading order', async () => {
    const { find } = await mountScreen(new FakeCallView());
    const order = [
      find('button[aria-label="Microphone"]'),
      find('button[aria-label="Camera"]'),
      find('.side>button'),
      find('input'),
      find('button[part="join-button"]'),
    ];
    for (const expected of order) {
      await sendKeys({ press: 'Tab' });
      equal(focused(), expected);
      notEqual(getComputedStyle(expected).outlineStyle, 'none', 'the focus is seen');
    }
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [title, local] of [
      ['at rest', {}],
      ['with everything on', { ...on, devices }],
      ['with failures', { camera: { status: 'failed', error: 'device-denied' } as const }],
    ] as const) {
      it(`has no accessibility faults ${title}, ${colorScheme}`, async () => {
        await emulateMedia({ colorScheme });
        const { element } = await mountScreen(new FakeCallView({ phase: 'lobby', notice: 'room-full' }, local));
        equal(await faultsIn(element), []);
      });
    }
  }

  for (const width of [320, 768, 1440]) {
    it(`fits ${width} px without scrolling sideways`, async () => {
      await setViewport({ width, height: 640 });
      const { find } = await mountScreen(
        new FakeCallView(undefined, { ...on, devices, camera: { status: 'failed', error: 'device-denied' } }),
      );
      const lobby = find('rc-lobby-screen');
      equal(lobby.scrollWidth, lobby.clientWidth);
    });
  }
});
