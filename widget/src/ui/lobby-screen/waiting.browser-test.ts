import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands';
import { equal, match } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { faultsIn, focused, mountScreen, pictureStream, unmount, until } from '../../testing/ui-fixture.ts';

const camera = { status: 'on', deviceId: 'cam-1', label: 'FaceTime' } as const;
const devices = { camera: [{ id: 'cam-1', label: 'FaceTime' }], microphone: [], speaker: [] };
const WAITING = { phase: 'waiting', signalling: 'connected' } as const;

describe('rc-lobby-screen, in the waiting room', () => {
  afterEach(unmount);

  it('says that the host will let one in, keeps the preview, and has one way on: out', async () => {
    const view = new FakeCallView({ phase: 'joining' }, { camera, devices });
    view.media.setStream('self', 'camera', pictureStream());
    const { find, findAll, settled, requests } = await mountScreen(view);
    const preview = find<HTMLVideoElement>('video');
    view.setPhase(WAITING);
    await settled();
    match(find('h2'), /^The host will let you in$/);
    equal(find('video'), preview, 'the preview does not begin anew');
    await until('frames', () => preview.videoWidth > 0 && !preview.paused);
    equal(findAll('input').length + findAll('button[part="join-button"]').length, 0);
    const buttons = findAll('.join button');
    equal(
      buttons.map((button) => button.textContent?.trim()),
      ['Stop waiting'],
    );
    buttons[0]?.click();
    equal(requests, [{ type: 'leave' }, { type: 'return-to-lobby' }]);
  });

  it('takes the focus from the button that joined, once, and tells in a region that was there', async () => {
    const view = new FakeCallView({ phase: 'joining' });
    const { find, settled } = await mountScreen(view);
    const region = find('[role="status"]');
    await sendKeys({ press: 'Tab' });
    find('button[part="join-button"]').focus();
    view.setPhase(WAITING);
    await settled();
    equal(focused(), find('h2'));
    equal(find('[role="status"]'), region, 'a region that is replaced is not read');
    match(region, /in the waiting room/);
    find('h2').blur();
    view.setPhase({ ...WAITING, signalling: 'reconnecting' });
    await settled();
    equal(focused(), document.body);
  });

  it('says that the connection was lost, and no more once it is back', async () => {
    const view = new FakeCallView({ ...WAITING, signalling: 'reconnecting' });
    const { find, settled } = await mountScreen(view);
    match(find('[role="status"]'), /connection was lost. Reconnecting/);
    view.setPhase(WAITING);
    await settled();
    match(find('[role="status"]'), /^You are in the waiting room/);
  });

  it('cannot join by Enter, and gives way to the call', async () => {
    const view = new FakeCallView(WAITING);
    const { find, findAll, settled, requests } = await mountScreen(view);
    find<HTMLFormElement>('form').requestSubmit();
    equal(requests, []);
    view.setPhase(inCall([participant('Ana'), participant('Ben')]));
    await settled();
    equal([findAll('rc-lobby-screen').length, findAll('rc-participant-tile').length], [0, 2]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility faults, ${colorScheme}`, async () => {
      await emulateMedia({ colorScheme });
      const { element } = await mountScreen(new FakeCallView(WAITING, { camera, devices }));
      equal(await faultsIn(element), []);
    });
  }

  it('fits 320 px without scrolling sideways', async () => {
    await setViewport({ width: 320, height: 640 });
    const { find } = await mountScreen(new FakeCallView(WAITING, { camera, devices }));
    const lobby = find('rc-lobby-screen');
    equal(lobby.scrollWidth, lobby.clientWidth);
  });
});
