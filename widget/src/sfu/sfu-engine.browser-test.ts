import { LoopbackParticipant, pageClock } from '../testing/loopback-participant.ts';
import { LoopbackSfu } from '../testing/loopback-sfu.ts';
import { colorTrack, shownColor, toneTrack } from '../testing/synthetic-media.ts';
import { BrokerError } from '../call/ports.ts';

const assert = (condition: unknown, message: string) => {
  if (!condition) throw new Error(message);
};
const equal = (actual: unknown, expected: unknown, message: string) =>
  assert(Object.is(actual, expected), `${message}: ${String(actual)}, not ${String(expected)}`);
const sections = (peer: RTCPeerConnection | undefined) => peer?.localDescription?.sdp.match(/^m=/gm)?.length ?? 0;

describe('SfuEngine through a loopback SFU', () => {
  let sfu: LoopbackSfu;
  let people: LoopbackParticipant[];

  const person = (id: string, color?: string): LoopbackParticipant => {
    const participant = new LoopbackParticipant(id, sfu);
    if (color) participant.media.set('camera', colorTrack(color));
    people.push(participant);
    return participant;
  };

  beforeEach(() => {
    sfu = new LoopbackSfu();
    people = [];
  });

  afterEach(() => {
    for (const participant of people) participant.close();
    sfu.close();
  });

  it('shows a newcomer everybody in the round trip of the join, and the others the newcomer', async () => {
    const ann = person('ann', 'red');
    await ann.join();
    const bob = person('bob', 'lime');
    await bob.join(ann.live);
    await bob.watch(ann.live);
    await ann.watch(bob.live);

    equal(sfu.calls.filter(({ operation }) => operation !== 'newSession').length, 4, 'two joins and one later pull');
    const [red] = await shownColor(bob.engine.stream('ann', 'camera')!);
    assert(red > 200, `ann is red to bob, not ${red}`);
    const [, green] = await shownColor(ann.engine.stream('bob', 'camera')!);
    assert(green > 200, `bob is green to ann, not ${green}`);
    equal([...bob.engine.sounds.keys()].join(), 'ann/microphone', 'sounds of bob');
  });

  it('joins over connections that were made before, which sent nothing until then', async () => {
    const ann = person('ann', 'red');
    await ann.warm();
    const bob = person('bob', 'lime');
    await bob.warm();
    const sent = async (peer: RTCPeerConnection) =>
      [...(await peer.getStats()).values()].filter(({ type }) => type === 'outbound-rtp').length;
    for (const peer of [...ann.peers, ...bob.peers]) {
      equal(peer.connectionState, 'connected', 'before anybody joins');
      equal(await sent(peer), 0, 'what it sends');
    }
    await ann.join();
    await bob.join(ann.live);
    await bob.watch(ann.live);
    await ann.watch(bob.live);
    equal(ann.peers.length + bob.peers.length, 4, 'connections, all that were ever made');
    equal(sfu.calls.filter(({ operation }) => operation === 'newSession').length, 4, 'sessions');
    const [red] = await shownColor(bob.engine.stream('ann', 'camera')!);
    assert(red > 200, `ann is red to bob, not ${red}`);
    // An empty room had nothing to pull, and what was offered for it was taken back.
    const [, green] = await shownColor(ann.engine.stream('bob', 'camera')!);
    assert(green > 200, `bob is green to ann, not ${green}`);
  });

  it('announces a source only after packets flow, and what is not captured as muted', async () => {
    const ann = person('ann');
    await ann.join();
    const first = ann.events.find((event) => event.type === 'flowing')!;
    assert(first.tracks.length > 0, 'nothing is announced before anything flows');
    assert(
      ann.live.every(({ muted }) => muted),
      'no device: everything is muted',
    );
    assert(
      ann.live.some(({ trackName }) => /^microphone-\w+$/.test(trackName)),
      'track names are the source and a generation',
    );
  });

  it('hears who speaks, and silence once they are muted', async () => {
    const ann = person('ann');
    ann.media.set('microphone', toneTrack());
    await ann.join();
    const bob = person('bob');
    await bob.join(ann.live);
    await bob.watch(ann.live);
    const audio = new Audio();
    audio.srcObject = bob.engine.sounds.get('ann/microphone')!;
    await audio.play();

    await bob.until(() => bob.speakers.includes('ann'));
    await ann.until(() => ann.speakers.includes('self'));
    assert(bob.engine.level('ann') > 0.03, `level ${bob.engine.level('ann')}`);

    const calls = sfu.calls.length;
    ann.media.setMuted(true);
    await ann.until(() => ann.live.some(({ source, muted }) => source === 'microphone' && muted));
    await bob.until(() => !bob.speakers.includes('ann'));
    await ann.until(() => ann.mutedSpeech);
    equal(ann.engine.level('self'), 0, 'my level to the others, and to the meters');
    ann.media.setMuted(false);
    await ann.until(() => !ann.mutedSpeech);
    await bob.until(() => bob.speakers.includes('ann'));
    equal(ann.events.filter(({ type }) => type === 'muted-speech').length, 2, 'begun and over');
    equal(sfu.calls.length, calls, 'muting is no call');
    audio.srcObject = null;
  });

  it('keeps the publication while the camera is off, and the same stream for those who watch', async () => {
    const ann = person('ann', 'red');
    await ann.join();
    const bob = person('bob');
    await bob.join(ann.live);
    await bob.watch(ann.live);
    const stream = bob.engine.stream('ann', 'camera')!;
    const calls = sfu.calls.length;

    ann.media.set('camera', undefined);
    await ann.until(() => ann.live.some(({ source, muted }) => source === 'camera' && muted));
    let color = await shownColor(stream);
    while (color[0] > 40) color = await shownColor(stream);
    ann.media.set('camera', colorTrack('blue'));
    while (color[2] < 200) color = await shownColor(stream);
    equal(bob.engine.stream('ann', 'camera'), stream, 'the stream is the same object');
    equal(sfu.calls.length, calls, 'switching the camera is no call');
  });

  it('publishes a screen with each share, ends it, and does not grow', async () => {
    const ann = person('ann', 'red');
    await ann.join();
    const bob = person('bob');
    await bob.join(ann.live);
    const counts: number[] = [];
    for (let share = 0; share < 3; share++) {
      const screen = colorTrack('lime');
      ann.media.set('screen', screen);
      ann.media.set('screen-audio', toneTrack());
      await ann.until(() => ann.live.length === 4);
      await bob.watch(ann.live);
      const [, green] = await shownColor(bob.engine.stream('ann', 'screen')!);
      assert(green > 200, 'the screen is seen');

      ann.media.set('screen', undefined);
      ann.media.set('screen-audio', undefined);
      screen.stop();
      await ann.until(() => ann.live.length === 2);
      await bob.watch(ann.live);
      equal(bob.engine.stream('ann', 'screen'), undefined, 'the screen is gone');
      counts.push(sections(ann.peers[0]));
    }
    equal(counts.at(-1), counts[0], 'sections after the last share');
  });

  it('changes hands by one call without a description, never shows the previous person, and does not grow', async () => {
    const ann = person('ann', 'red');
    const bob = person('bob', 'lime');
    await Promise.all([ann.join(), bob.join()]);
    const cam = person('cam');
    await cam.join(ann.live);
    await cam.watch(ann.live);
    const early: string[] = [];
    cam.engine.subscribeStreams(() => {
      for (const { id, live } of [ann, bob]) {
        const { sessionId, trackName } = live.find(({ source }) => source === 'camera')!;
        const isPlaying = cam.states.get(`${sessionId}/${trackName}`)?.status === 'playing';
        if (cam.engine.stream(id, 'camera') && !isPlaying) early.push(id);
      }
    });
    const receiving = cam.peers[1]!;
    const { length } = receiving.localDescription!.sdp;
    const descriptions = sfu.calls.filter(({ operation }) => operation === 'newTracks').length;

    for (let swap = 0; swap < 10; swap++) {
      const [next, previous] = swap % 2 === 0 ? [bob, ann] : [ann, bob];
      const watched = cam.watch(next.live);
      equal(cam.engine.stream(previous.id, 'camera'), undefined, 'the previous stream is gone');
      await watched;
      const [red, green] = await shownColor(cam.engine.stream(next.id, 'camera')!);
      assert(next === ann ? red > 200 && green < 60 : green > 200 && red < 60, `${next.id} shows ${red}, ${green}`);
    }
    equal(early.join(), '', 'streams shown before the new picture');
    equal(receiving.localDescription!.sdp.length, length, 'length of the SDP');
    equal(sfu.calls.filter(({ operation }) => operation === 'updateTracks').length, 10, 'one call each');
    equal(sfu.calls.filter(({ operation }) => operation === 'newTracks').length, descriptions, 'no description');
  });

  for (const [name, faults] of [
    ['an SFU that re-points nothing', { refusesRepoint: true }],
    ['an SFU that makes every offer itself', { offersItself: true }],
    ['an SFU that does neither', { offersItself: true, refusesRepoint: true }],
  ] as const)
    it(`receives from ${name}`, async () => {
      Object.assign(sfu.faults, faults);
      const ann = person('ann', 'red');
      const bob = person('bob', 'lime');
      await Promise.all([ann.join(), bob.join()]);
      const cam = person('cam');
      await cam.join(ann.live);
      for (const wanted of [ann.live, bob.live, [...ann.live, ...bob.live], ann.live]) await cam.watch(wanted);
      const [red] = await shownColor(cam.engine.stream('ann', 'camera')!);
      assert(red > 200, `ann is red, not ${red}`);
    });

  it('releases whoever leaves, and uses their sections for the next', async () => {
    const ann = person('ann', 'red');
    const bob = person('bob', 'lime');
    await Promise.all([ann.join(), bob.join()]);
    await bob.watch(ann.live);
    const { id } = { id: sfu.calls.findLast(({ operation }) => operation === 'newTracks')!.sessionId };
    equal(sfu.sent(id).length, 2, 'tracks sent to bob');
    const before = sections(bob.peers[1]);

    bob.engine.want([]);
    equal(bob.engine.sounds.size, 0, 'sounds');
    while (sfu.sent(id).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await bob.watch(ann.live);
    equal(sections(bob.peers[1]), before, 'sections');
  });

  it('pulls a suspect alone, behind what works, until it plays', async () => {
    const ann = person('ann', 'red');
    await ann.join();
    const bob = person('bob');
    await bob.join();
    const late = { ...ann.live[1]!, trackName: 'camera-late', participantId: 'late' };
    bob.engine.want([late, ...ann.live]);
    await bob.until(() => [...bob.states.values()].filter(({ status }) => status === 'playing').length === 2);
    equal(bob.states.get(`${late.sessionId}/camera-late`)?.status, 'pulling', 'the suspect');
  });

  it('makes a new session for one that is gone, and everybody is seen again', async () => {
    const ann = person('ann', 'red');
    await ann.join();
    const bob = person('bob');
    await bob.join(ann.live);
    await bob.watch(ann.live);
    const gone = sfu.calls.findLast(({ operation }) => operation === 'newTracks')!.sessionId;
    sfu.faults.before = (operation, sessionId) => {
      if (sessionId === gone && operation !== 'newSession') throw new BrokerError(410, 'session_error', 'gone');
    };
    const screen = colorTrack('lime');
    ann.media.set('screen', screen);
    await ann.until(() => ann.live.length === 3);
    await bob.watch(ann.live);
    assert(!bob.events.some((event) => event.type === 'failed'), 'the call goes on');
    const [red] = await shownColor(bob.engine.stream('ann', 'camera')!);
    assert(red > 200, `ann is red, not ${red}`);
  });

  it('ends everything on close, and can begin again', async () => {
    const ann = person('ann', 'red');
    await ann.join();
    ann.engine.close();
    assert(
      ann.peers.every(({ connectionState }) => connectionState === 'closed'),
      'connections',
    );
    const events = ann.events.length;
    await new Promise<void>((resolve) => pageClock.setTimeout(resolve, 500));
    equal(ann.events.length, events, 'events after the end');
    await ann.join();
    equal(ann.live.length, 2, 'live again');
  });
});
