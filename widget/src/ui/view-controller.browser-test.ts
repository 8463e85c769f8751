import { html, LitElement } from 'lit';
import { equal } from '../testing/assert.ts';
import { FakeCallView } from '../testing/fake-call-view.ts';
import { mount, pictureStream, unmount } from '../testing/ui-fixture.ts';
import { SelectController, StreamController } from './view-controller.ts';

class Reader extends LitElement {
  renders = 0;
  readonly slice = new SelectController(this, ({ local }) => ({ name: local.name, cameras: local.devices.camera }));
  readonly stream = new StreamController(this, () => ['ben', 'camera']);

  protected override render(): unknown {
    this.renders++;
    return html`${this.slice.value?.name}`;
  }
}
customElements.define('test-reader', Reader);

describe('SelectController and StreamController', () => {
  afterEach(unmount);

  async function mountReader() {
    const view = new FakeCallView();
    const fixture = await mount(view, html`<test-reader></test-reader>`);
    return { ...fixture, view, reader: fixture.element as Reader };
  }

  it('render when what they read changed, and not before', async () => {
    const { view, reader, settled } = await mountReader();
    const { renders } = reader;
    view.setLocal({ speakerId: 'other' });
    view.setLocal({ devices: structuredClone(view.state.local.devices) });
    view.media.setStream('cleo', 'camera', pictureStream());
    await settled();
    equal(reader.renders, renders);
    view.setLocal({ name: 'Ana' });
    await settled();
    equal([reader.renders, reader.renderRoot.textContent?.trim()], [renders + 1, 'Ana']);
    view.media.setStream('ben', 'camera', pictureStream());
    await settled();
    equal(reader.renders, renders + 2);
  });

  it('stop listening out of the page, and catch up when they are back', async () => {
    const { view, reader, settled } = await mountReader();
    const parent = reader.parentElement;
    reader.remove();
    equal(view.listeners, 0);
    view.setLocal({ name: 'Meanwhile' });
    parent?.append(reader);
    await settled();
    equal(view.listeners, 1);
    equal(reader.renderRoot.textContent?.trim(), 'Meanwhile');
  });

  it('have no value where no call is around', async () => {
    const reader = new Reader();
    document.body.append(reader);
    await reader.updateComplete;
    equal(reader.slice.value, undefined);
  });
});
