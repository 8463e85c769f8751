import { of, type Mutation } from './mutation.ts';

export const MEDIA_MUTATIONS: readonly Mutation[] = [
  ...of(
    'src/sfu/ice-servers.ts',
    ['room/limits'],
    [
      ['who asks', 'allowed(await room.enter(bearer));'],
      ['the platform’s limiter', 'await limitVisits(env, bearer);'],
      ['port 53', '!PORT_53.test(url)', 'true'],
    ],
  ),
  ...of(
    'src/sfu/proxy.ts',
    ['sfu/proxy', 'sfu/any-client', 'room/limits', 'room/join'],
    [
      [
        'offers belong to tracks/new',
        "if (body !== undefined && parseRecord(body, 'body')['sessionDescription'] !== undefined)",
        'if (false)',
      ],
      ['the platform’s limiter', 'await limitVisits(env, bearer);'],
      ['local and remote apart', 'tracks.length === 0 || (local.length > 0 && remote.length > 0)', 'false'],
      [
        'subscribe, to pull and to update',
        "if (!grants.subscribe) throw refuse('forbidden', 'The token does not grant subscribing');",
      ],
      [
        'what an offer to pull sends',
        'if (sessionDescription) allowed(checkReceive(sessionDescription.sdp, session.published));',
      ],
      [
        'what an offer to close sends',
        'if (body.sessionDescription) allowed(checkReceive(body.sessionDescription.sdp, session.published));',
      ],
      [
        'what an answer sends',
        '  allowed(checkReceive(sessionDescription.sdp, session.published));\n  return sfu.renegotiate',
        '  return sfu.renegotiate',
      ],
      [
        'only answers are renegotiated',
        "if (sessionDescription.type !== 'answer') throw refuse('decoding_error', 'sessionDescription.type must be answer');",
      ],
      [
        'only offers publish',
        "if (sessionDescription?.type !== 'offer') throw refuse('decoding_error', 'Local tracks need an offer');",
        "if (!sessionDescription) throw refuse('decoding_error');",
      ],
      [
        'what is published',
        'allowed(checkPublish(sessionDescription.sdp, local, grants, session.published))',
        '({ published: [] })',
      ],
      [
        'tracks of other rooms',
        'if (sfuId === undefined) return [];',
        "if (sfuId === undefined) return [{ ...track, sessionId: '' }];",
      ],
      ['ids of the SFU in a list', 'compact({ ...track, sessionId: handleOf(track.sessionId) })', 'track'],
      [
        'a session made too late',
        "if (!(await remember({ env, room, sfu }, ref, [session]))) throw refuse('unauthorized');",
      ],
      ['tracks made too late', "else if (!(await kept)) throw refuse('unauthorized');"],
    ],
  ),
  ...of(
    'protocol/parse.ts',
    ['sfu/any-client'],
    [
      ['fields nobody knows', '!isOff && !names.includes(name)', 'false'],
      ['powers that are off', 'name === off && record[name] === false', 'name === off'],
    ],
  ),
  ...of(
    'src/sfu/authorize.ts',
    ['sfu/authorize'],
    [
      ['some track', "if (tracks.length === 0) return deny('decoding_error', 'tracks must not be empty');"],
      ['a mid that sends', '!section?.sends || ', '!section || '],
      ['a section of media', 'if (!section?.sends || !isMedia(section))', 'if (!section?.sends)'],
      ['each mid once', 'new Set(published.map((track) => track.mid)).size < published.length || '],
      ['each name once', ' || !hasDistinctNames(open)'],
      ['how many sound', "count(open, 'audio') > allowed.audio || "],
      ['how many pictures', " || count(open, 'video') > allowed.video"],
      [
        'nothing beside the tracks',
        'return sendsOnly(sections, [...before, ...published]) ? { ok: true, published } : SENDS_MORE;',
        'return { ok: true, published };',
      ],
      [
        'nothing sent to receive',
        'return sendsOnly(sections, before) ? { ok: true } : SENDS_MORE;',
        'return { ok: true };',
      ],
      ['only media sends', '(isMedia(section) && hasMid(tracks, section.mid))', 'hasMid(tracks, section.mid)'],
      ['tracks that were open before', "track.state === 'open' && !hasMid", '!hasMid'],
      [
        'an unreadable offer',
        '  if (!sections) return UNREADABLE;\n\n  const published',
        '  if (!sections) return { ok: true, published: [] };\n\n  const published',
      ],
      [
        'an unreadable description',
        '  if (!sections) return UNREADABLE;\n  return sendsOnly',
        '  if (!sections) return { ok: true };\n  return sendsOnly',
      ],
      ['a grant for the screen', 'has(PublishGrant.video) + screen', '1 + screen'],
    ],
  ),
  ...of(
    'src/sfu/sdp.ts',
    ['sfu/authorize'],
    [
      ['stray line ends', 'if (STRAY_CONTROL.test(sdp)) return undefined;'],
      ['each mid once', 'new Set(mids).size === mids.length ? read : undefined', 'read'],
      ['two mids are none', "mids.length === 1 ? (mids[0] ?? '') : ''", "mids[0] ?? ''"],
      [
        'of several directions the one that sends',
        "stated.find((direction) => direction.startsWith('send')) ?? stated[0]",
        'stated[0]',
      ],
      ['the direction of the whole', 'readDirections(text) ?? sessionDirection', 'readDirections(text)'],
      ['sendrecv where nothing is said', "port !== '0' || lines.includes('a=bundle-only')", 'false'],
      ['bundle-only', " || lines.includes('a=bundle-only')"],
    ],
  ),
  ...of(
    'src/sfu/sfu-client.ts',
    ['sfu/sfu-client', 'sfu/proxy'],
    [
      ['redirects', "redirect: 'manual' as const", "redirect: 'follow' as const"],
      ['ids that are no paths', ' || !SFU_SESSION_ID.test(sessionId)'],
      ['what is passed on', 'body && PASSED_ON.has(status)', 'body'],
      ['ids in errors', 'errorDescription: withoutIds(body.errorDescription) ', ''],
      ['ids in errors of tracks', 'errorDescription: withoutIds(errorDescription)', 'errorDescription'],
      ['ids become handles', 'sessionId: handles.get(sessionId) }', 'sessionId: handles.get(sessionId) ?? sessionId }'],
      ['a 200 that is an error', " && typeof answer['errorCode'] !== 'string'"],
    ],
  ),
  ...of(
    'src/sfu/add-tracks.ts',
    ['sfu/proxy', 'sfu/open-tracks', 'room/join'],
    [
      ['what a failed call has made', 'if (pulled.length > 0) await keep({ pulled });'],
      ['tracks that the SFU has refused', 'settlePublished(published, answer.tracks)', '[...published]'],
    ],
  ),
  ...of(
    'src/time-limit.ts',
    ['sfu/sfu-client'],
    [['a time limit', 'setTimeout(() => controller.abort(), ms)', 'setTimeout(() => undefined, ms)']],
  ),
  ...of(
    'src/room/remember.ts',
    ['sfu/open-tracks'],
    [
      ['a room that restarts is told again', 'tries >= TRIES_MAX || isOverloaded', 'true'],
      ['so often and no more', 'tries >= TRIES_MAX || isOverloaded', 'false'],
      ['what nobody takes note of is closed', 'await Promise.all(made.map((session) => close(sfu, session)));'],
    ],
  ),
];
