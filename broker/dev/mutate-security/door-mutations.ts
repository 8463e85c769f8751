import { of, type Mutation } from './mutation.ts';

export const DOOR_MUTATIONS: readonly Mutation[] = [
  ...of(
    'src/env.ts',
    ['env', 'http'],
    [
      ['misconfigured', "throw refuse('misconfigured');", 'return undefined as never;'],
      ['a plain API address', "if (search) throw new Error('REALTIME_API_URL must be a plain base URL');"],
      ['an id without path', 'if (!ID.test(idText))', 'if (false)'],
      ['a token that is one', 'if (!TOKEN.test(tokenText))', 'if (false)'],
    ],
  ),
  ...of(
    'src/secure-url.ts',
    ['env', 'webhooks/webhooks'],
    [
      [
        'https',
        "if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname)))",
        'if (false)',
      ],
      ['no credentials in an address', 'url.hash || url.username || url.password', 'url.hash'],
    ],
  ),
  ...of(
    'src/origins.ts',
    ['http', 'env'],
    [
      [
        'an origin that is none',
        "throw new Error('ALLOWED_ORIGINS holds something that is not an origin');",
        "return { protocol: '', host: '' };",
      ],
      ['no origin', 'if (origin === null) return false;', 'if (origin === null) return true;'],
      ['its one spelling', ' || new URL(origin).origin !== origin) return false', ') return false'],
      ['protocol', 'allowed.protocol === protocol && '],
      ['end of the name', 'host.endsWith(name)', 'host.includes(name.slice(1))'],
    ],
  ),
  ...of(
    'src/http.ts',
    ['http'],
    [
      ['length that was declared, or is read', 'if (bytes > maxBytes)', 'if (false)'],
      ['UTF-8', 'fatal: true', 'fatal: false'],
      [
        'reasons stay inside',
        "return errorResponse(refuse('internal_error'));",
        'return json({ errorCode: String(error) }, 500);',
      ],
      [
        'origins that may read',
        'else if (origin !== null && isAllowedOrigin(rule, origin)) headers',
        'else if (origin !== null) headers',
      ],
    ],
  ),
  ...of(
    'src/room/caller.ts',
    ['room/join', 'http', 'room/limits'],
    [
      ['the room of a token', "if (result.claims.room !== room) throw refused('other_room');"],
      ['the name of a room', "if (!isId(name)) throw refuse('not_found');"],
      ['the platform’s limiter', "if (!success) throw refuse('rate_limited');"],
      [
        'nothing without a bearer',
        "if (token === undefined) throw refused('missing');\n  const result = await verifyRoomToken(token,",
        "const result = await verifyRoomToken(token ?? '',",
      ],
      ['the reason stays inside', "return refuse('unauthorized');", "return refuse('unauthorized', reason);"],
      [
        'a header before the body',
        "if (header !== null || request.method !== 'POST')",
        "if (request.method !== 'POST')",
      ],
      ['a bearer in POSTs only', "header !== null || request.method !== 'POST'", 'header !== null'],
      ['a bearer that is text', "if (typeof bearer !== 'string') return undefined;", 'if (!bearer) return undefined;'],
      [
        'the origin of a bearer in the body',
        "if (!isAllowedOrigin(origins, request.headers.get('origin')))",
        'if (false)',
      ],
    ],
  ),
  ...of(
    'src/secret.ts',
    ['http', 'sfu/proxy'],
    [['what can be a secret', 'text !== undefined && SECRET.test(text)', 'text !== undefined']],
  ),
  ...of(
    'src/room/membership.ts',
    ['http'],
    [
      [
        'origin of a socket',
        "if (!isAllowedOrigin(origins, request.headers.get('origin'))) throw refuse('forbidden');",
      ],
      ['protocol beside the ticket', '!offered.includes(SOCKET_PROTOCOL) || '],
      ['what can be a ticket', ' || !isSecret(ticket)', ' || ticket === undefined'],
    ],
  ),
  ...of(
    'src/room/prepare.ts',
    ['room/prepare', 'room/limits'],
    [
      ['an offer that sends nothing', 'for (const { sdp } of offers) allowed(checkReceive(sdp, []));'],
      ['who may take a seat', 'allowed(await env.ROOMS.getByName(claims.room).mayJoin(claims));'],
      ['the platform’s limiter', "await limitVisits(env, { type: 'token', claims });"],
    ],
  ),
  ...of(
    'src/sfu/sealed-session.ts',
    ['room/prepare'],
    [
      ['whose a session is', '`${room}/${sub}`', '`${room}/`'],
      ['where it is', '`${room}/${sub}`', '`/${sub}`'],
      ['how long it is good', 'return now < until ? sfuId : undefined;', 'return sfuId;'],
      ['the secret it is sealed with', '`sealed session ${token}`', "'sealed session'"],
    ],
  ),
  ...of(
    'src/room/join.ts',
    ['room/join', 'room/limits'],
    [
      ['protocol version', "if (body.protocol < PROTOCOL_OLDEST) throw refuse('client_too_old');"],
      [
        'name of the body',
        "if (name === undefined) throw refuse('decoding_error', 'name is too long or has characters that cannot be shown');",
        '',
      ],
      ['the token’s name wins', 'if (claims.name !== undefined) return claims.name;'],
      ['what is published', 'allowed(checkPublish(sessionDescription.sdp, tracks, grants, []))', '({ published: [] })'],
      ['subscribe', "if (!grants.subscribe) throw refuse('forbidden', 'The token does not grant subscribing');"],
      ['an offer that receives', 'if (sessionDescription) allowed(checkReceive(sessionDescription.sdp, []));'],
      [
        'a join that was overtaken',
        'sessions.length > 0 && !(await remember({ env, room, sfu }, joined.ref, sessions, ticketHash))',
        '!(await remember({ env, room, sfu }, joined.ref, sessions, ticketHash)) && false',
      ],
      ['the platform’s limiter', "await limitVisits(env, { type: 'token', claims });"],
    ],
  ),
];
