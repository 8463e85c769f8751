import type { PublishGrant } from '#protocol';
import { Call } from './call/call.ts';
import type { CallPhase } from './call/state.ts';
import type { ComposedCall } from './compose-call.ts';
import { BeforeLeaveEvent, TokenNeededEvent } from './events.ts';
import './index.ts';
import { RealtimeCallElement } from './realtime-call.ts';
import { equal } from './testing/assert.ts';
import { FakeMediaView } from './testing/fake-call-view.ts';
import { FakeClock, settle } from './testing/fake-clock.ts';
import { FakeDevicesPort } from './testing/fake-devices-port.ts';
import { FakeRoomPort } from './testing/fake-room-port.ts';
import { FakeSfuPort } from './testing/fake-sfu-port.ts';
import { joinResponse, person } from './testing/people.ts';
import { CallRequestEvent } from './ui/request-event.ts';

/** The element as it is, on ports in the test's hands. */
class TestCallElement extends RealtimeCallElement {
  ports = { room: new FakeRoomPort(), sfu: new FakeSfuPort(), devices: new FakeDevicesPort(), clock: new FakeClock() };
  composedTimes = 0;
  readTag: Parameters<RealtimeCallElement['createCall']>[0] = () => {
    throw new Error('not composed');
  };
  pageAnswer: Parameters<RealtimeCallElement['createCall']>[1] = () => undefined;

  protected override createCall(...[tag, askPage]: Parameters<RealtimeCallElement['createCall']>): ComposedCall {
    this.readTag = tag;
    this.pageAnswer = askPage;
    this.composedTimes += 1;
    this.ports.devices.isWilling = true;
    const call = new Call(this.ports);
    const view = {
      get state() {
        return call.state;
      },
      subscribe: (listener: () => void) => call.subscribe(listener),
      media: new FakeMediaView(),
    };
    return { call, view, close: () => call.close() };
  }

  get phase(): CallPhase['phase'] {
    return this.state.call.phase;
  }

  get screen(): string | undefined {
    return this.renderRoot.firstElementChild?.localName;
  }

  ask(...parameters: ConstructorParameters<typeof CallRequestEvent>): Promise<void> {
    this.renderRoot.firstElementChild!.dispatchEvent(new CallRequestEvent(...parameters));
    return settle();
  }

  async enter(publish: PublishGrant[] = ['audio', 'video', 'screen']): Promise<void> {
    this.join();
    await settle();
    const grants = { publish, subscribe: true, chat: true, moderate: false };
    this.ports.room.lastJoin.accept(joinResponse([person('ben')], { grants }));
    await settle();
    await this.updateComplete;
  }
}
customElements.define('test-call', TestCallElement);

async function mount(
  attributes: Record<string, string> = { room: 'studio', 'token-url': '/t' },
): Promise<TestCallElement> {
  const element = document.createElement('test-call') as TestCallElement;
  document.body.append(element);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  await element.updateComplete;
  return element;
}

function record(target: EventTarget, ...types: string[]): string[] {
  const heard: string[] = [];
  for (const type of types) target.addEventListener(type, () => heard.push(type));
  return heard;
}

describe('<realtime-call>', () => {
  const complaints: unknown[] = [];
  const { error, warn } = console;

  beforeEach(() => {
    const complain = (...words: unknown[]) => void complaints.push(words);
    Object.assign(console, { error: complain, warn: complain });
  });
  afterEach(() => {
    document.body.replaceChildren();
    Object.assign(console, { error, warn });
    equal(complaints.splice(0), []);
  });

  it('is defined once, however often its script runs', async () => {
    const defined = customElements.get('realtime-call');
    await import(`${new URL('./index.ts', import.meta.url)}?again`);
    equal(customElements.get('realtime-call'), defined);
    equal(defined, RealtimeCallElement);
  });

  it('shows the screen of each phase', async () => {
    const element = await mount();
    equal(element.screen, 'rc-lobby-screen');
    await element.enter();
    equal(element.screen, 'rc-call-screen');
    await element.ask({ type: 'leave' });
    await element.updateComplete;
    equal(element.screen, 'rc-message-screen');
    await element.ask({ type: 'return-to-lobby' });
    await element.updateComplete;
    equal(element.screen, 'rc-lobby-screen');
  });

  it('takes attributes set after it was put into the page without a word of complaint', async () => {
    const heard = record(document, 'call-error', 'token-needed', 'call-ready');
    const element = await mount();
    await settle();
    equal(heard, ['call-ready']);
    equal(element.state.room, 'studio');
    equal(element.ports.room.tokenReads, 0);
  });

  it('keeps properties that were set before it was defined', async () => {
    class LateCallElement extends TestCallElement {}
    const element = document.createElement('late-call') as LateCallElement;
    Object.assign(element, { room: 'studio', tokenUrl: '/t', name: 'Ann' });
    document.body.append(element);
    customElements.define('late-call', LateCallElement);
    await element.updateComplete;
    equal(element.state.room, 'studio');
    equal(element.state.local.name, 'Ann');
  });

  for (const [name, attributes, code] of [
    ['no room', { 'token-url': '/t' }, 'misconfigured-tag'],
    ['no token', { room: 'studio' }, 'misconfigured-tag'],
  ] as const)
    it(`with ${name} says so and does nothing`, async () => {
      const heard = record(document, 'call-error');
      const element = await mount(attributes);
      element.join();
      await settle();
      equal(element.state.call, {
        phase: 'failed',
        error: code,
        detail: (element.state.call as { detail: string }).detail,
        mayRetry: false,
      });
      equal(heard.length, 1);
      element.setAttribute('room', 'studio');
      element.setAttribute('token-url', '/t');
      await element.updateComplete;
      equal(element.phase, 'lobby');
    });

  describe('in a call', () => {
    it('survives being moved, by whatever means', async () => {
      const element = await mount();
      await element.enter();
      const [first, second] = [document.createElement('div'), document.createElement('section')];
      document.body.append(first, second);
      first.append(element);
      element.remove();
      await settle();
      second.append(element);
      if ('moveBefore' in first) (first as { moveBefore(node: Node, child: null): void }).moveBefore(element, null);
      await new Promise((resolve) => setTimeout(resolve, 150));
      equal(element.phase, 'in-call');
      equal(element.screen, 'rc-call-screen');
      equal(element.ports.room.leaves, []);
      equal(element.composedTimes, 1);
    });

    it('ends when the element is gone for good, and begins anew in the lobby', async () => {
      const element = await mount();
      await element.ask({ type: 'set-capture', source: 'camera', on: true });
      await element.enter();
      const left = new Promise((resolve) => element.addEventListener('call-left', resolve));
      element.remove();
      await left;
      equal(element.ports.room.leaves, [false]);
      equal([...element.ports.devices.lights], []);
      equal(element.ports.sfu.isOpen, false);
      document.body.append(element);
      await element.updateComplete;
      equal(element.phase, 'lobby');
      equal(element.screen, 'rc-lobby-screen');
    });

    it('no attribute drops it; they count from the next one on, a token at once', async () => {
      const element = await mount();
      await element.enter();
      for (const name of ['room', 'broker', 'name', 'token-url']) element.removeAttribute(name);
      element.setAttribute('room', 'kitchen');
      element.setAttribute('broker', 'https://other.example');
      element.setAttribute('token', 'fresh');
      await element.updateComplete;
      equal(element.phase, 'in-call');
      equal(element.state.room, 'studio');
      const { room, broker, token } = element.readTag();
      equal([room, broker, token], ['studio', location.origin, 'fresh']);
      element.leave();
      await element.updateComplete;
      equal(element.state.room, 'kitchen');
      equal(element.readTag().broker, 'https://other.example');
    });

    it('the page may keep a visitor in it, and the page itself is not asked', async () => {
      const element = await mount();
      await element.enter();
      element.addEventListener('before-leave', (event) => event.preventDefault());
      await element.ask({ type: 'leave' });
      equal(element.phase, 'in-call');
      element.leave();
      equal(element.phase, 'left');
    });

    it('giving up a join is not asked about', async () => {
      const element = await mount();
      const heard = record(element, 'before-leave');
      element.join();
      await element.ask({ type: 'leave' });
      equal(element.phase, 'left');
      equal(heard, []);
    });

    it('whatever a visitor asks, the page may refuse, at the element or above', async () => {
      for (const target of [(e: Element) => e, () => document]) {
        const element = await mount();
        await element.enter();
        const refuse = (event: Event) => event.preventDefault();
        target(element).addEventListener('call-request', refuse);
        await element.ask({ type: 'set-capture', source: 'screen', on: true });
        target(element).removeEventListener('call-request', refuse);
        equal(element.state.local.screen.status, 'off');
        await element.ask({ type: 'set-capture', source: 'screen', on: true });
        equal(element.state.local.screen.status, 'on');
        element.remove();
      }
    });

    it('a page that goes away leaves, keeps the seat, and offers the way back', async () => {
      const element = await mount();
      await element.ask({ type: 'set-capture', source: 'camera', on: true });
      await element.enter();
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      equal(element.ports.room.leaves, [true]);
      equal([...element.ports.devices.lights], []);
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      await element.updateComplete;
      equal(element.screen, 'rc-message-screen');
    });

    it('hears of sound held back', async () => {
      const element = await mount();
      await element.enter();
      const { SoundBlockedEvent } = await import('./ui/sound-output/sound-blocked-event.ts');
      element.renderRoot.firstElementChild!.dispatchEvent(new SoundBlockedEvent(true));
      equal(element.state.call.phase === 'in-call' && element.state.call.soundBlocked, true);
    });
  });

  it('tells events in order, even where a listener leaves at the first of them', async () => {
    const element = await mount();
    const heard = record(element, 'call-joined', 'participant-joined', 'call-left');
    element.addEventListener('call-joined', () => element.leave());
    await element.enter();
    equal(heard, ['call-joined', 'participant-joined', 'call-left']);
  });

  it('twice on a page is two calls', async () => {
    const [one, two] = [await mount(), await mount({ room: 'kitchen', 'token-url': '/t' })];
    await one.enter();
    equal([one.phase, two.phase], ['in-call', 'lobby']);
    equal(two.state.room, 'kitchen');
    one.remove();
    await two.enter();
    equal(two.phase, 'in-call');
  });

  describe('a token', () => {
    it('may come from the page, which is asked in time where the tag has none', async () => {
      const give = (event: TokenNeededEvent) => event.respondWith(Promise.resolve(`token for ${event.room}`));
      document.addEventListener('token-needed', give as EventListener);
      const asked = record(document, 'token-needed');
      const element = await mount({ room: 'studio' });
      equal(element.phase, 'lobby');
      equal(await element.pageAnswer('missing'), 'token for studio');
      equal(asked.length, 1);
      equal(await element.pageAnswer('refused'), 'token for studio');
      equal(asked.length, 2);
      document.removeEventListener('token-needed', give as EventListener);
      equal(element.pageAnswer('refused'), undefined);
    });

    it('that the page says there is none of is not looked for elsewhere', async () => {
      const element = await mount();
      element.addEventListener('token-needed', (event) => event.preventDefault());
      equal(await element.pageAnswer('missing'), '');
    });
  });

  it('asks before leaving with an event that can be told from others', () => {
    equal(new BeforeLeaveEvent().cancelable, true);
  });
});
