import { sendKeys } from '@web/test-runner-commands';
import { html } from 'lit';
import { equal } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { mount, nextFrame, unmount, until } from '../../testing/ui-fixture.ts';
import type { SoundBlockedEvent } from './sound-blocked-event.ts';
import './sound-output.ts';

let audio: AudioContext;

/** A tone without a microphone. */
function tone(): MediaStream {
  const oscillator = audio.createOscillator();
  const output = audio.createMediaStreamDestination();
  oscillator.connect(output);
  oscillator.start();
  return output.stream;
}

async function mountOutput() {
  const view = new FakeCallView(inCall([participant('Me'), participant('Ben')]));
  const fixture = await mount(view, html`<rc-sound-output></rc-sound-output>`);
  const blocked: boolean[] = [];
  document.body.addEventListener('call-sound-blocked', (event) => blocked.push((event as SoundBlockedEvent).blocked));
  const players = () => fixture.findAll('audio') as HTMLAudioElement[];
  return { ...fixture, view, players, blocked };
}

/** The browser refuses to play, as it does in a page that nobody has touched. */
function refusePlay(): () => void {
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no gesture', 'NotAllowedError'));
  return () => {
    HTMLMediaElement.prototype.play = play;
  };
}

describe('rc-sound-output', () => {
  before(() => {
    audio = new AudioContext();
  });
  after(() => audio.close());
  afterEach(unmount);

  it('plays each sound in an element of its own, the same for as long as the sound lasts', async () => {
    const { view, players, blocked } = await mountOutput();
    const ben = tone();
    view.media.setSound('ben/microphone', ben);
    const [player] = players();
    await until('it plays', () => player !== undefined && !player.paused && player.currentTime > 0);
    view.media.setSound('cleo/microphone', tone());
    view.media.changed();
    equal(players().length, 2);
    equal(players()[0], player);
    equal(player?.srcObject === ben, true);
    view.media.setSound('ben/microphone', undefined);
    equal(players().length, 1);
    equal(player?.srcObject, null);
    equal(blocked, []);
  });

  it('takes the new stream of the same sound into the same element', async () => {
    const { view, players } = await mountOutput();
    view.media.setSound('ben/microphone', tone());
    const [player] = players();
    const next = tone();
    view.media.setSound('ben/microphone', next);
    equal(players()[0], player);
    await until('the new one plays', () => player?.srcObject === next && !player.paused);
  });

  it('tells that sound is held back, and plays with the next key or press', async () => {
    const { view, players, blocked } = await mountOutput();
    const allow = refusePlay();
    view.media.setSound('ben/microphone', tone());
    view.media.setSound('cleo/microphone', tone());
    await until('it is told', () => blocked.length > 0);
    allow();
    equal(blocked, [true]);
    await sendKeys({ press: 'Shift' });
    await until('all play', () => players().every((player) => !player.paused));
    await until('it is told', () => blocked.length > 1);
    equal(blocked, [true, false]);
  });

  it('goes on after the page moved it, and falls silent when it is gone', async () => {
    const { element, view, players } = await mountOutput();
    view.media.setSound('ben/microphone', tone());
    const parent = element.parentElement;
    const [player] = players();
    element.remove();
    equal(player?.srcObject, null);
    equal(players().length, 0);
    parent?.append(element);
    await until('it plays again', () => players().length === 1 && players()[0]?.paused === false);
  });

  it('plays where the visitor chose, and stays where it is if that is gone', async () => {
    const { view, players } = await mountOutput();
    const chosen: string[] = [];
    const unhandled: unknown[] = [];
    const onUnhandled = (event: PromiseRejectionEvent): void => {
      event.preventDefault();
      unhandled.push(event.reason);
    };
    window.addEventListener('unhandledrejection', onUnhandled);
    const { setSinkId } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.setSinkId = async function (id) {
      chosen.push(id);
      if (id === 'gone') throw new DOMException('no such output', 'NotFoundError');
    };
    try {
      view.setLocal({ speakerId: 'out-1' });
      view.media.setSound('ben/microphone', tone());
      view.setLocal({ speakerId: 'gone' });
      view.setLocal({ name: 'Ana' });
      await until('it plays', () => players()[0]?.paused === false);
      equal(chosen, ['out-1', 'gone']);
      await nextFrame();
      equal(unhandled.length, 0);
    } finally {
      window.removeEventListener('unhandledrejection', onUnhandled);
      HTMLMediaElement.prototype.setSinkId = setSinkId;
    }
  });
});
