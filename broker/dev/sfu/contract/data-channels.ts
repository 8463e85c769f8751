import { describe, expect, test } from 'vitest';
import type { BrowserClient, Reply } from '../testing/browser-client.ts';
import { untilStatus, type Callers } from './callers.ts';

/** What the API promises about data channels. */
export function describeDataChannels(callers: () => Callers): void {
  const local = (dataChannelName: string, more: object = {}): object => ({
    location: 'local',
    dataChannelName,
    ...more,
  });
  const remote = (sessionId: string, dataChannelName: string, more: object = {}): object => ({
    ...local(dataChannelName, more),
    location: 'remote',
    sessionId,
  });

  /** A connected page with a section for data channels. */
  async function established(): Promise<{ client: BrowserClient; sessionId: string }> {
    const made = await callers().newSession();
    await made.client.do('establish', { withOffer: true });
    await made.client.do('connected');
    await made.client.do('dataConnected');
    return made;
  }

  /** A page that publishes the channel `chat`, and others that get it; all ends are open. */
  async function chat(count: 1 | 2, more: object = {}, flags: object = {}): Promise<Chat> {
    const publisher = await established();
    await publisher.client.do('openChannels', [local('chat', more)]);
    await publisher.client.do('channelOpen', 'chat');
    const subscribe = async (): Promise<BrowserClient> => {
      const { client } = await established();
      await client.do('openChannels', [remote(publisher.sessionId, 'chat', { ...more, ...flags })]);
      await client.do('channelOpen', 'chat');
      return client;
    };
    const first = await subscribe();
    return { publisher, first, second: count === 2 ? await subscribe() : first };
  }

  const channels = async (client: BrowserClient): Promise<unknown> =>
    (await client.do('onSession', 'GET', '')).body['dataChannels'];

  describe('data channels', () => {
    test("are set up by the SFU's offer, once", async () => {
      const { client } = await callers().newSession();
      expect(await client.do('establish')).toEqual({
        status: 200,
        description: 'offer',
        requiresImmediateRenegotiation: true,
        dataChannel: { dataChannelName: 'server-events', id: 0 },
        answered: 200,
      });
      await client.do('connected');
      await client.do('dataConnected');
      expect(await client.do('establish')).toMatchObject({ status: 406, errorCode: 'invalid_session_description' });
    });

    test("are set up by the client's offer", async () => {
      const { client } = await callers().newSession();
      expect(await client.do('establish', { withOffer: true })).toEqual({
        status: 200,
        description: 'answer',
        requiresImmediateRenegotiation: false,
        dataChannel: { dataChannelName: 'server-events', id: 0 },
      });
      await client.do('connected');
      await client.do('dataConnected');
    });

    test('are set up beside media that flows, which goes on', async () => {
      const publisher = await callers().publishCamera();
      const { client, mid } = await callers().subscribe(publisher);
      expect(await client.do('establish')).toMatchObject({ status: 200, description: 'offer', answered: 200 });
      await client.do('dataConnected');
      await client.do('moreFrames', mid, 20);
    });

    test('carry text and bytes, in order, from one to all and not back', async () => {
      const { publisher, first, second } = await chat(2);
      const { client, sessionId } = publisher;
      const said = ['hello', '', [0, 255, 7], ...Array.from({ length: 50 }, (_, index) => `number ${index}`)];
      await client.do('say', 'chat', ...said);
      expect(await first.do('heard', 'chat', said.length)).toEqual(said);
      expect(await second.do('heard', 'chat', said.length)).toEqual(said);
      expect(await client.do('heard', 'chat', 0)).toEqual([]);
      expect(await channels(client)).toEqual([
        { location: 'local', dataChannelName: 'chat', id: expect.any(Number), status: 'active' },
      ]);
      expect(await channels(first)).toEqual([
        { location: 'remote', dataChannelName: 'chat', sessionId, id: expect.any(Number), status: 'active' },
      ]);
    });

    test.each([{ ordered: false, maxRetransmits: 0 }, { maxPacketLifeTime: 500 }, { ordered: false }])(
      'deliver as %j says, on both sides',
      async (policy) => {
        const { publisher, first: subscriber } = await chat(1, policy);
        const { client } = publisher;
        await client.do('say', 'chat', 'hello');
        expect(await subscriber.do('heard', 'chat', 1)).toEqual(['hello']);
      },
    );

    test('fail one by one', async () => {
      const { publisher, first: subscriber } = await chat(1);
      const { client, sessionId } = publisher;
      const failed = (errorCode: string): object => ({ errorCode, errorDescription: expect.any(String) });
      const { dataChannels } = await client.do<Reply>('openChannels', [local('chat'), local('other')]);
      expect(dataChannels).toEqual([
        { ...local('chat'), ...failed('repeated_local_track_error') },
        { ...local('other'), id: expect.any(Number) },
      ]);
      const wanted = [remote(sessionId, 'nothing'), remote(sessionId, 'chat', { ordered: false })];
      expect((await subscriber.do<Reply>('openChannels', wanted))['dataChannels']).toEqual([
        { ...remote(sessionId, 'nothing'), ...failed('not_found_track_error') },
        { ...remote(sessionId, 'chat'), ...failed('invalid_params') },
      ]);
    });

    test('need a section for them', async () => {
      const { client } = await callers().publishCamera();
      const invalid = { status: 406, errorCode: 'invalid_params' };
      expect(await client.do('openChannels', [local('chat')])).toMatchObject(invalid);
    });

    test('wait for an acknowledgement, which nobody else hears, where that is asked for', async () => {
      const { publisher, first: subscriber } = await chat(1, {}, { waitForAck: true, canReply: true });
      const { client, sessionId } = publisher;
      const { client: listener } = await established();
      await listener.do('openChannels', [remote(sessionId, 'chat')]);
      await listener.do('channelOpen', 'chat');
      await client.do('say', 'chat', 'too early');
      await listener.do('heard', 'chat', 1);
      await subscriber.do('say', 'chat', 'acknowledged', 'answer');
      expect(await client.do('heard', 'chat', 1)).toEqual(['answer']);
      await client.do('say', 'chat', 'in time');
      expect(await subscriber.do('heard', 'chat', 1)).toEqual(['in time']);
    });

    test('end where the acknowledgement does not come', async () => {
      const { first: subscriber } = await chat(1, {}, { waitForAck: true });
      await subscriber.do('channelClosed', 'chat');
      expect(await channels(subscriber)).toMatchObject([{ status: 'inactive' }]);
    });

    test('let one subscriber answer: the one that was allowed to last', async () => {
      const { publisher, first, second } = await chat(2);
      const { client, sessionId } = publisher;
      const allow = (who: BrowserClient, canReply: boolean): Promise<Reply> =>
        who.do('onSession', 'PUT', '/datachannels/update', {
          dataChannels: [remote(sessionId, 'chat', { canReply })],
        });
      const both = async (words: string): Promise<void> => {
        await first.do('say', 'chat', `first ${words}`);
        await second.do('say', 'chat', `second ${words}`);
      };
      await both('too early');
      expect((await allow(first, true)).body).toEqual({
        dataChannels: [{ ...remote(sessionId, 'chat', { canReply: true }), id: expect.any(Number) }],
      });
      await both('one');
      expect(await client.do('heard', 'chat', 1)).toEqual(['first one']);
      await allow(second, true);
      await both('two');
      expect(await client.do('heard', 'chat', 2)).toEqual(['first one', 'second two']);
      await allow(second, false);
      await both('three');
      await allow(first, true);
      await both('four');
      expect(await client.do('heard', 'chat', 3)).toEqual(['first one', 'second two', 'first four']);
      expect(await first.do('heard', 'chat', 0)).toEqual([]);
    });

    test('close by id: for a subscriber alone, or at the source for all', async () => {
      const { publisher, first, second } = await chat(2);
      const { client, sessionId } = publisher;
      const close = async (who: BrowserClient): Promise<Reply> => {
        const [{ id }] = (await channels(who)) as [{ id: number }];
        return who.do('onSession', 'PUT', '/datachannels/close', { dataChannels: [{ id }, { id: 999 }] });
      };
      expect(await close(first)).toEqual({
        status: 200,
        body: {
          dataChannels: [
            { ...remote(sessionId, 'chat'), id: expect.any(Number) },
            { id: 999, errorCode: 'close_track_error', errorDescription: expect.any(String) },
          ],
        },
      });
      await first.do('channelClosed', 'chat');
      expect(await channels(first)).toEqual([]);
      await client.do('say', 'chat', 'still there');
      expect(await second.do('heard', 'chat', 1)).toEqual(['still there']);

      await close(client);
      await client.do('channelClosed', 'chat');
      await second.do('channelClosed', 'chat');
      expect(await channels(second)).toMatchObject([{ status: 'inactive' }]);
      const again = await client.do<Reply>('openChannels', [local('chat')]);
      expect(again['dataChannels']).toEqual([{ ...local('chat'), id: expect.any(Number) }]);
    });

    test('end with the session that publishes them', async () => {
      const { publisher, first: subscriber } = await chat(1);
      const { client, sessionId } = publisher;
      await client.do('leave');
      await untilStatus(client, 410);
      const again = await subscriber.do<Reply>('openChannels', [remote(sessionId, 'chat')]);
      expect(again['dataChannels']).toMatchObject([{ errorCode: 'not_found_track_error' }]);
    });
  });
}

interface Chat {
  publisher: { client: BrowserClient; sessionId: string };
  first: BrowserClient;
  /** Another page where there are two subscribers. */
  second: BrowserClient;
}
