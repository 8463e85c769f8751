import { emulateMedia, sendKeys, sendMouse, setViewport } from '@web/test-runner-commands';
import type { InCall } from '../../call/state.ts';
import { equal, match } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { faultsIn, focused, mountScreen, unmount } from '../../testing/ui-fixture.ts';

const ana = participant('Ana Souza', ['camera', 'microphone']);
const ben = participant('Ben Okafor', ['camera', 'microphone']);
const cleo = participant('Cleo', [], ['microphone', 'camera']);
const on = {
  microphone: { status: 'on', deviceId: 'mic-1', label: 'Built-in' },
  camera: { status: 'on', deviceId: 'cam-1', label: 'FaceTime' },
} as const;

const view = (change: Partial<InCall> = {}) => new FakeCallView(inCall([ana, ben, cleo], change), on);

describe('rc-call-screen', () => {
  beforeEach(() => setViewport({ width: 1024, height: 720 }));
  afterEach(unmount);

  it('takes the focus from the button that joined, so that the shortcuts work at once', async () => {
    const joining = new FakeCallView({ phase: 'joining' });
    const { find, settled, requests } = await mountScreen(joining);
    await sendKeys({ press: 'Tab' });
    find('button[part="join-button"]').focus();
    joining.setPhase(inCall([ana, ben]));
    await settled();
    equal(focused(), find('.call'));
    await sendKeys({ press: 'm' });
    await sendKeys({ press: 'V' });
    await sendKeys({ press: 's' });
    equal(requests, [
      { type: 'set-capture', source: 'microphone', on: true },
      { type: 'set-capture', source: 'camera', on: true },
      { type: 'set-capture', source: 'screen', on: true },
    ]);
  });

  it('takes no focus from a visitor who is busy elsewhere in the page', async () => {
    const field = document.createElement('input');
    document.body.append(field);
    const joining = new FakeCallView({ phase: 'joining' });
    const { settled } = await mountScreen(joining);
    field.focus();
    joining.setPhase(inCall([ana, ben]));
    await settled();
    equal(focused(), field);
  });

  it('listens to its shortcuts only while the focus is in it, and never to those of the browser', async () => {
    const { find, requests } = await mountScreen(view());
    (document.activeElement as HTMLElement | null)?.blur();
    await sendKeys({ press: 'm' });
    equal(requests, [], 'focus elsewhere');
    const { x, y } = find('rc-participant-tile').getBoundingClientRect();
    await sendMouse({ type: 'click', position: [Math.round(x + 20), Math.round(y + 20)] });
    await sendKeys({ down: 'Control' });
    await sendKeys({ press: 'm' });
    await sendKeys({ up: 'Control' });
    equal(requests, [], 'with Control');
    await sendKeys({ press: 'm' });
    equal(requests, [{ type: 'set-capture', source: 'microphone', on: false }], 'after a press on a tile');
  });

  it('does not take a letter typed into a select for a shortcut', async () => {
    const devices = { microphone: [{ id: 'mic-1', label: 'Built-in' }], camera: [], speaker: [] };
    const { find, settled, requests } = await mountScreen(new FakeCallView(inCall([ana, ben]), { ...on, devices }));
    find('rc-device-menu button').click();
    await settled();
    find('rc-device-menu select').focus();
    await sendKeys({ press: 'm' });
    equal(requests, []);
  });

  it('leaves', async () => {
    const { find, requests } = await mountScreen(view());
    find('button[part~="leave-button"]').click();
    equal(requests, [{ type: 'leave' }]);
  });

  it('tells somebody alone that others will come', async () => {
    const alone = new FakeCallView(inCall([ana]));
    const { find, findAll, settled } = await mountScreen(alone);
    match(find('.alone'), /only one here/);
    alone.setCall({ participants: [ana, ben] });
    await settled();
    equal(findAll('.alone').length, 0);
  });

  it('announces politely who comes, who goes and who shares, and not who was there', async () => {
    const call = view({ participants: [ben, cleo] });
    const { find, settled } = await mountScreen(call);
    const region = find('rc-announcer [role="status"]');
    match(region, /^$/);
    call.setCall({ participants: [ana, ben, cleo] });
    await settled();
    match(region, /^$/, 'I know that I joined');
    call.setCall({ participants: [ana, ben, cleo, participant('Dan'), participant('Eve')] });
    await settled();
    match(region, /^Dan and Eve joined$/);
    call.setCall({ participants: [ana, participant('Cleo', ['screen']), participant('Dan'), participant('Eve')] });
    await settled();
    match(region, /^Ben Okafor left. Cleo shares the screen$/);
    equal(find('rc-announcer [role="status"]'), region, 'a region that is replaced is not read');
  });

  it('says that the connection was lost, and nothing once it is back', async () => {
    const call = view({ media: 'reconnecting', signalling: 'reconnecting' });
    const { find, findAll, settled } = await mountScreen(call);
    match(find('.notice'), /The connection was lost. Reconnecting/);
    call.setCall({ media: 'connected' });
    await settled();
    match(find('.notice'), /Reconnecting to the room/);
    call.setCall({ signalling: 'connected' });
    await settled();
    equal(findAll('.notice').length, 0);
  });

  it('tells of the near end of the call', async () => {
    const call = view({ endsWithin: 5 });
    const { find, settled } = await mountScreen(call);
    const region = find('rc-notices [role="status"]');
    match(region, /ends in less than 5 min/);
    call.setCall({ endsWithin: 1 });
    await settled();
    match(region, /ends in less than 1 min/);
    equal(find('rc-notices [role="status"]'), region, 'a region that is replaced is not read');
  });

  it('tells whoever speaks while muted, politely and once, with the way to be heard', async () => {
    const call = view();
    const muted = { status: 'muted', deviceId: '', label: '' } as const;
    call.setLocal({ microphone: muted });
    const { element, find, findAll, settled, requests } = await mountScreen(call);
    const region = find('rc-notices [role="status"]');
    match(region, /^$/);
    call.setCall({ mutedSpeech: true });
    await settled();
    match(region, /^You are muted. Unmute \(M\)$/);
    equal(find('rc-notices [role="status"]'), region, 'a region that is replaced is not read');
    equal(await faultsIn(element), []);
    const notice = find('.notice');
    call.setCall({ speakers: [ben.id] });
    await settled();
    equal(find('.notice'), notice, 'what stays is not read again');
    find('rc-notices button').click();
    equal(requests, [{ type: 'set-capture', source: 'microphone', on: true }]);
    call.setLocal({ microphone: { ...muted, status: 'on' } });
    await settled();
    equal(findAll('.notice').length, 0, 'gone with the mute, before the level says so');
  });

  it('tells a host politely who waits, and lets them in or not, by name', async () => {
    const call = view();
    const { find, findAll, settled, requests } = await mountScreen(call);
    const region = find('rc-notices [aria-live="polite"]');
    match(region, /^$/);
    call.setCall({ knocks: [{ id: 'dan', name: 'Dan' }] });
    await settled();
    equal(find('rc-notices [aria-live="polite"]'), region, 'a region that is replaced is not read');
    match(region, /^Dan is waiting Admit Refuse$/);
    find('[aria-label^="Admit:"]').click();
    find('[aria-label^="Refuse:"]').click();
    equal(requests, [
      { type: 'admit', id: 'dan' },
      { type: 'refuse', id: 'dan' },
    ]);
    match(region, /Dan/, 'who was admitted is shown until the broker says so');
    call.setCall({ knocks: [] });
    await settled();
    equal(findAll('rc-notices button').length, 0);
  });

  it('lets a host admit all, where several wait, and shows three of many', async () => {
    const knocks = ['Dan', 'Eve', '', 'Gus', 'Hal'].map((name, index) => ({ id: `k${index}`, name }));
    const call = view({ knocks });
    const { find, findAll, settled, requests } = await mountScreen(call);
    equal(findAll('button[aria-label^="Refuse"]').length, 3);
    match(find('rc-notices [aria-live="polite"]'), /^Waiting room: 5 Admit all Dan is.*Guest is/);
    find('rc-notices button').click();
    equal(requests, [{ type: 'admit' }]);
    call.setCall({ knocks: knocks.slice(3) });
    await settled();
    match(find('rc-notices [aria-live="polite"]'), /Waiting room: 2.*Gus is.*Hal is/);
  });

  it('keeps the focus, and its shortcuts, when the button that was pressed goes with its banner', async () => {
    const call = view({ knocks: [{ id: 'dan', name: 'Dan' }] });
    const { find, settled, requests } = await mountScreen(call);
    find('[aria-label^="Admit:"]').focus();
    await sendKeys({ press: 'Enter' });
    call.setCall({ knocks: [] });
    await settled();
    await sendKeys({ press: 'm' });
    equal(requests.at(-1), { type: 'set-capture', source: 'microphone', on: false });
  });

  it('offers to hear, to stop sharing and to dismiss what failed', async () => {
    const call = view({ soundBlocked: true, notice: 'device-missing' });
    call.setLocal({ screen: { status: 'on', deviceId: '', label: '' } });
    const { findAll, requests } = await mountScreen(call);
    for (const button of findAll('rc-notices button')) button.click();
    equal(requests, [
      { type: 'dismiss-notice' },
      { type: 'unblock-sound' },
      { type: 'set-capture', source: 'screen', on: false },
    ]);
  });

  for (const width of [320, 768, 1440]) {
    it(`keeps every control in sight at ${width} px, and scrolls nowhere`, async () => {
      await setViewport({ width, height: 640 });
      const { find, findAll } = await mountScreen(view());
      const call = find('.call');
      equal(call.scrollWidth, call.clientWidth);
      equal(call.scrollHeight, call.clientHeight);
      const rows = new Set(findAll('rc-control-bar button').map((button) => button.getBoundingClientRect().top));
      equal(rows.size, 1, 'in one row');
      for (const button of findAll('rc-control-bar button')) {
        const { left, right, bottom, width: side, height } = button.getBoundingClientRect();
        equal(left >= 0 && right <= width && bottom <= 640, true, button.outerHTML);
        equal(side >= 44 && height >= 44, true, `large enough for a finger: ${button.outerHTML}`);
      }
    });
  }

  it('stays usable at 400 % zoom of a small window: 320 by 256', async () => {
    await setViewport({ width: 320, height: 256 });
    const knocks = ['Wolfeschlegelsteinhausenbergerdorff', 'Eve', 'Fay', 'Gus'].map((name) => ({ id: name, name }));
    const call = view({ media: 'reconnecting', soundBlocked: true, notice: 'device-missing', knocks });
    const { element, find } = await mountScreen(call);
    element.style.height = '256px';
    const region = find('.call');
    equal(region.scrollWidth, region.clientWidth);
    find('button[part~="leave-button"]').scrollIntoView();
    const { bottom, right } = find('button[part~="leave-button"]').getBoundingClientRect();
    equal(bottom <= 256 && right <= 320, true, 'the way out can be reached');
    equal(find('rc-tile-grid').clientHeight >= 120, true, 'somebody is still seen');
  });

  it('has nothing that moves by itself where the visitor wants no motion', async () => {
    await emulateMedia({ reducedMotion: 'reduce' });
    const { findAll } = await mountScreen(view({ media: 'reconnecting' }));
    const [spinner] = findAll('.spinner');
    equal(spinner && getComputedStyle(spinner).animationDuration, '0s');
    await emulateMedia({ reducedMotion: 'no-preference' });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [title, change] of [
      ['with three people', {}],
      ['with a shared screen', { participants: [ana, participant('Ben', ['screen']), cleo] }],
      ['with every notice', { media: 'reconnecting', soundBlocked: true, notice: 'device-missing', endsWithin: 5 }],
      [
        'with people who wait',
        {
          knocks: [
            { id: 'dan', name: 'Dan' },
            { id: 'eve', name: 'Eve' },
          ],
        },
      ],
    ] as const) {
      it(`has no accessibility faults ${title}, ${colorScheme}`, async () => {
        await emulateMedia({ colorScheme });
        const { element, find, settled } = await mountScreen(view(change));
        find('rc-device-menu button').click();
        await settled();
        equal(await faultsIn(element), []);
      });
    }
  }

  it('would fail if there were an accessibility fault', async () => {
    const { element, find } = await mountScreen(view());
    const button = find('rc-capture-button[source="microphone"] button');
    button.removeAttribute('aria-label');
    button.removeAttribute('title');
    match((await faultsIn(element)).join(), /button-name/);
  });
});
