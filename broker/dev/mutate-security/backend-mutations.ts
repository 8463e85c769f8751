import { of, type Mutation } from './mutation.ts';

/** What the owner's backend may ask, and how it is told of calls. */
export const BACKEND_MUTATIONS: readonly Mutation[] = [
  ...of(
    'src/server-api/server-api.ts',
    ['server-api/server-api'],
    [
      [
        'the grant, before the room wakes',
        "if (!claims.grants.moderate) throw refuse('forbidden', 'The token does not grant moderating');",
      ],
    ],
  ),
  ...of(
    'src/server-api/administer.ts',
    ['server-api/server-api'],
    [
      ['how often a backend asks', "if (!room.limits.commands.take(claims.sub, now)) return deny('rate_limited');"],
      ['the grant as it is now', '!grants.moderate || '],
      ['a token of somebody who was removed', ' || room.denials.has(claims)'],
      ['who is not there is kept out too', 'room.denials.add(who.sub, 0, now);', 'void 0;'],
      [
        'the place of somebody else',
        'command.invitation.sub !== claims.sub && everybody.some(({ sub }) => sub === command.invitation.sub)',
        'false',
      ],
      ['grants that were changed', 'const grants = room.grantsOf(claims);', 'const { grants } = claims;'],
    ],
  ),
  ...of(
    'src/server-api/mint-invitation.ts',
    ['server-api/server-api'],
    [
      ['a key that signs', "find(({ alg }) => alg === 'HS256')", 'find(() => true)'],
      [
        'claims as the broker reads them',
        "if (!result.ok) throw refuse('decoding_error', `${result.reason} is not as a room token has it`);",
        "if (!result.ok) return { token: '', expiresAt };",
      ],
      ['no more publishing', 'if (!grants.publish.every((grant) => most.publish.includes(grant))) return false;'],
      ['no more subscribing', "'subscribe', "],
      ['no more chat', "'chat', "],
      ['no more moderating', ", 'moderate'"],
      ['limits of the room', '...invitation, limits, iat', '...invitation, iat'],
    ],
  ),
  ...of(
    'protocol/server-api.ts',
    ['server-api/server-api'],
    [
      [
        'members of an invitation',
        "parseExactRecord(value, 'body', ['sub', 'name', 'role', 'grants', 'lobby', 'minutes'])",
        '(value ?? {}) as Record<string, unknown>',
      ],
      ['either id or sub', 'if ((id === undefined) === (sub === undefined))', 'if (false)'],
      ['what is a sub', 'if (!isId(value))', "if (typeof value !== 'string')"],
      ['how long an invitation is good', 'parseInteger(1, MINUTES_MAX)', 'parseInteger(0, 1e9)'],
    ],
  ),
  ...of(
    'src/webhooks/webhook-target.ts',
    ['webhooks/webhooks'],
    [
      ['length of a webhook secret', 'bytes.length < TOKEN_KEY_MIN_BYTES', 'false'],
      ['randomness of a webhook secret', "if (!isRandom(bytes)) throw new Error('WEBHOOK_SECRET is not random');"],
      ['spelling of a webhook secret', '!BASE64.test(base64) || base64.length % 4 !== 0', 'false'],
      ['some webhook secret, and not many', 'texts.length === 0 || texts.length > SECRETS_MAX', 'false'],
      [
        'a webhook without address',
        "if (url === '' && secrets === '') return undefined;",
        "if (url === '') return undefined;",
      ],
    ],
  ),
  ...of(
    'src/webhooks/deliver.ts',
    ['webhooks/webhooks'],
    [
      ['redirects of a receiver', "redirect: 'manual',", "redirect: 'follow',"],
      ['the id is signed', '`${id}.${timestamp}.${body}`', '`${timestamp}.${body}`'],
      ['the time is signed', '`${id}.${timestamp}.${body}`', '`${id}.${body}`'],
      ['the body is signed', '`${id}.${timestamp}.${body}`', '`${id}.${timestamp}.`'],
      ['time of an attempt', 'withTimeLimit(timeoutMs,', 'withTimeLimit(1e9,'],
    ],
  ),
  ...of(
    'src/webhooks/outbox.ts',
    ['webhooks/webhooks'],
    [
      ['how many events wait', 'this.#giveUp([...this.#map.keys()].slice(0, -EVENTS_MAX));'],
      ['how often an event is tried', ' || event.attempts >= ATTEMPTS_MAX'],
      ['how old an event gets', 'event.expiresAt <= now || '],
      ['a try is booked before it is made', 'attempts: first.attempts + 1, dueAt }', 'attempts: first.attempts + 1 }'],
    ],
  ),
];
