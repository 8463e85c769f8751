import { sendKeys, sendMouse } from '@web/test-runner-commands';
import { html } from 'lit';
import { equal } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { focused, mount, unmount } from '../../testing/ui-fixture.ts';
import './device-menu.ts';

const devices = {
  microphone: [{ id: 'mic-1', label: 'Built-in' }],
  camera: [{ id: 'cam-1', label: 'FaceTime' }],
  speaker: [
    { id: 'out-1', label: 'Speakers' },
    { id: 'out-2', label: 'Headset' },
  ],
};

async function mountMenu() {
  const view = new FakeCallView(inCall([participant('Me')]), { devices, speakerId: 'out-2' });
  const fixture = await mount(view, html`<rc-device-menu></rc-device-menu>`);
  const isOpen = () => fixture.find('button').getAttribute('aria-expanded') === 'true';
  return { ...fixture, isOpen };
}

describe('rc-device-menu', () => {
  afterEach(unmount);

  it('opens with the keyboard, offers each kind, and closes with Escape, back on its button', async () => {
    const { find, findAll, settled, isOpen } = await mountMenu();
    find('button').focus();
    await sendKeys({ press: 'Enter' });
    await settled();
    equal(isOpen(), true);
    equal(findAll('select').length, 3);
    await sendKeys({ press: 'Tab' });
    equal(focused(), find('select'));
    await sendKeys({ press: 'Escape' });
    await settled();
    equal(isOpen(), false);
    equal(findAll('select').length, 0);
    equal(focused(), find('button'));
  });

  it('closes when the focus or the pointer goes elsewhere', async () => {
    const { find, settled, isOpen } = await mountMenu();
    const outside = document.createElement('button');
    document.body.append(outside);
    find('button').click();
    await settled();
    outside.focus();
    await settled();
    equal(isOpen(), false);
    find('button').click();
    await settled();
    await sendMouse({ type: 'click', position: [700, 500] });
    await settled();
    equal(isOpen(), false);
  });

  it('shows the chosen output, and asks for another', async () => {
    const { find, findAll, settled, requests } = await mountMenu();
    find('button').click();
    await settled();
    const speaker = findAll('select')[2] as HTMLSelectElement;
    equal(speaker.value, 'out-2');
    speaker.value = 'out-1';
    speaker.dispatchEvent(new Event('change'));
    equal(requests, [{ type: 'choose-device', kind: 'speaker', id: 'out-1' }]);
  });

  it('leaves nothing listening when it is taken away open', async () => {
    const { element, find, settled } = await mountMenu();
    find('button').click();
    await settled();
    const removed: string[] = [];
    const { removeEventListener } = document;
    document.removeEventListener = ((type: string, ...rest: [EventListener]) => {
      removed.push(type);
      removeEventListener.call(document, type, ...rest);
    }) as typeof document.removeEventListener;
    element.remove();
    Reflect.deleteProperty(document, 'removeEventListener');
    equal(removed, ['pointerdown', 'focusin']);
  });
});
