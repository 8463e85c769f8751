import { of, type Mutation } from './mutation.ts';

export const ROOM_MUTATIONS: readonly Mutation[] = [
  ...of(
    'src/room/roster.ts',
    ['room/room', 'sfu/proxy', 'sfu/any-client'],
    [
      ['the seat of a secret', 'secretHash === bearer.secretHash', 'true'],
      ['the seat of a token', 'sub === bearer.claims.sub', 'true'],
    ],
  ),
  ...of(
    'src/room/sessions.ts',
    ['room/room', 'sfu/proxy', 'sfu/any-client'],
    [
      ['subscribe', 'if (!self.grants.subscribe) return [];'],
      [
        'tracks by session and name',
        'findTrack(sessions, sessionId, trackName)?.sfuId',
        'sessions.find(({ published }) => published.some((track) => track.trackName === trackName))?.sfuId',
      ],
    ],
  ),
  ...of(
    'src/room/sessions.ts',
    ['room/room', 'sfu/proxy', 'sfu/any-client'],
    [
      ['closed tracks', " && track.state === 'open');"],
      [
        'granted sources of a client without socket',
        'Object.values(Source).filter((source) => grants.publish.includes(SOURCE_GRANT[source]))',
        'Object.values(Source)',
      ],
      ['the number of sessions', 'Math.max(0, sessions.length - SESSIONS_MAX)', '0'],
    ],
  ),
  ...of(
    'src/room/room.ts',
    ['room/room', 'room/limits', 'sfu/any-client'],
    [
      ['visits, to join', "if (!this.limits.visits.take(claims.sub, now)) return deny('rate_limited');"],
      [
        'visits, to enter',
        "this.limits.visits.take(known.sub, now) ? this.#seated(known) : deny('rate_limited')",
        'this.#seated(known)',
      ],
      ['grants of the token', 'grants: this.grantsOf(claims),\n      iat', 'grants: claims.grants,\n      iat'],
      ['what is live', 'live: liveFor(this.members, seat) }', 'live: [] }'],
      ['a full room', "others >= participants ? deny('room_full') : undefined", 'undefined'],
      [
        'what the last holder had',
        'if (known) this.release(known, known.admitted ? 1000 : CloseCode.replaced, LeaveReason.replaced, now);',
      ],
      [
        'a new secret',
        'name, secretHash }, ticketHash',
        'name, secretHash: known?.secretHash || secretHash }, ticketHash',
      ],
      [
        'no seat for a stranger’s secret',
        'if (!known) return this.stranger(bearer);',
        'if (!known) return { ok: true } as never;',
      ],
      [
        'somebody else’s session',
        'seat.sessions.find((session) => session.handle === handle)',
        'this.members.flatMap(({ sessions }) => sessions).find((session) => session.handle === handle)',
      ],
      [
        'no ticket for a token',
        " || bearer.type === 'token') return deny('unauthorized')",
        ") return deny('unauthorized')",
      ],
      ['what came too late is closed', 'this.abandon(made, now);'],
      ['rights of the token', "bearer?.type === 'token' ? this.grantsOf(bearer.claims) : grants", 'grants'],
    ],
  ),
  ...of(
    'src/room/presence.ts',
    ['room/room', 'room/limits', 'sfu/any-client'],
    [
      ['a ticket’s time', 'if (ticket.expiresAt <= now) return false;'],
      ['a ticket opens once', 'seat.tickets.filter((other) => other !== ticket)', 'seat.tickets'],
      ['one socket for a seat', "    this.closeSocket(seat, CloseCode.replaced, 'replaced');\n"],
      [
        'sockets without a seat',
        "if (!this.seatOfSocket(connectionId)) this.close(connectionId, CloseCode.unauthorized, 'no such seat');",
        '',
      ],
      ['a day at most', ' || now - socket.calledAt >= CALLING_MAX_MS'],
      [
        'seats whose sessions are gone',
        "if (seat?.socket.phase === 'calling' && seat.socket.calledAt === calledAt) this.remove(seat, LeaveReason.lost, now);",
      ],
    ],
  ),
  ...of(
    'src/room/roster.ts',
    ['room/room', 'room/moderation'],
    [
      ['work for an older seat', 'seat?.generation === generation ? seat : undefined', 'seat'],
      ['what a seat had is closed', 'this.abandon(seat.sessions, now);'],
      ['a token of before, in a newer seat', 'if (this.denials.has(bearer.claims)) return undefined;'],
      ['an empty room remembers', 'closings, denials, events].every', 'closings, events].every'],
    ],
  ),
  ...of(
    'src/room/receive-frame.ts',
    ['room/room', 'room/limits'],
    [
      ['messages', 'if (!room.limits.messages.take(connectionId, now))', 'if (false)'],
      [
        'a socket without a seat',
        "if (!seat) return room.close(connectionId, CloseCode.unauthorized, 'no such seat');",
        'if (!seat) return;',
      ],
      ['size', 'byteLength > SOCKET_MESSAGE_MAX_BYTES', 'false'],
      ['strikes', 'room.strike(seat) >= STRIKES_MAX', 'false'],
      ['version', 'message.protocol >= PROTOCOL_OLDEST', 'true'],
      ['each source once', 'sources.size < tracks.length || '],
      ['each name once', ' || names.size < tracks.length'],
      [
        'one’s own session',
        "if (!seat.sessions.some((session) => session.handle === sessionId)) return deny('not_found');",
      ],
      [
        'granted sources',
        "if (!seat.grants.publish.includes(SOURCE_GRANT[source])) return deny('forbidden', `${source} is not granted`);",
      ],
      [
        'the kind that was published',
        "if (kind !== SOURCE_KIND[source]) return deny('not_found', 'No such track was published as that source');",
      ],
    ],
  ),
  ...of(
    'src/room/rate-limit.ts',
    ['room/limits'],
    [
      ['the count', 'filled >= 1', 'true'],
      ['a bounded memory', 'at: now }, KEYS_MAX)', 'at: now }, Infinity)'],
      ['a clock that goes back', 'Math.max(0, now - at)', 'Math.abs(now - at)'],
    ],
  ),
  ...of(
    'src/room/room-object.ts',
    ['room/limits', 'room/room-object'],
    [
      [
        'limits outlive an empty room',
        'new Room(newHandle, undefined, this.#room.limits, ',
        'new Room(newHandle, undefined, new Limits(), ',
      ],
      ['a socket without a good ticket', "if (!isOpen) return errorResponse(refuse('unauthorized'));"],
      ['storage of an empty room', 'this.ctx.waitUntil(this.ctx.storage.deleteAll());'],
    ],
  ),
  ...of(
    'src/room/moderation.ts',
    ['room/moderation'],
    [
      ['the right to moderate', "if (!self.grants.moderate) return deny('forbidden', 'Moderating is not granted');"],
      ['whom it is about', "if (!seat) return deny('not_found', 'Nobody has this id');", 'if (!seat) return;'],
    ],
  ),
  ...of(
    'src/room/room.ts',
    ['room/moderation'],
    [
      ['a token of before', "this.denials.has(claims) ? deny('forbidden', REMOVED) : undefined", 'undefined'],
      ['that somebody was removed', 'this.denials.add(seat.sub, seat.iat, now);'],
    ],
  ),
  ...of(
    'src/room/denials.ts',
    ['room/moderation'],
    [
      ['until when tokens are too old', 'iat <= denial.notAfter', 'false'],
      ['newer tokens', 'iat <= denial.notAfter', 'true'],
      ['a clock that is ahead', 'Math.max(iat, Math.floor(now / 1000))', 'Math.floor(now / 1000)'],
      ['tokens of before the one in use', 'Math.max(iat, Math.floor(now / 1000))', 'iat'],
      ['how long it is remembered', 'until: now + LIFETIME_MS', 'until: now + 60_000'],
    ],
  ),
  ...of(
    'src/room/room.ts',
    ['room/waiting-room', 'room/call', 'room/grants'],
    [
      ['the waiting room', "if (claims.lobby) return deny('waiting');"],
      ['so many wait', "if (isWaiting && !known && this.state.waiting.size >= WAITING_MAX) return deny('room_full');"],
      ['no roster for who waits', 'roster: NO_ROSTER', 'roster: this.snapshot()'],
      ['the lock', "if (call.locked) return deny('room_locked');"],
      ['the clock', "if (isTimeOver || this.denials.hasRunOut(claims)) return deny('time_over');"],
      ['the clock of this call', 'isTimeOver || this.denials', 'this.denials'],
      [
        'who enters by calls is let in as others are',
        'if (denied) return denied;\n    if (hasSocket)',
        'if (hasSocket)',
      ],
      ['grants of a call by token', 'this.grantsOf(bearer.claims) : grants', 'bearer.claims.grants : grants'],
      ['grants of a join', '{ ...claims, grants: this.grantsOf(claims) }', 'claims'],
      [
        'what comes after a grant was taken',
        'this.state.granted.has(seat.sub) ? this.keepWithinGrants(seat, now) : seat',
        'seat',
      ],
      ['what exceeds grants is closed', 'this.closings.add(session.sfuId, mids, now);'],
    ].map(([name = '', text = '', by = '']) => [name, text, by] as const),
  ),
  ...of(
    'src/room/roster.ts',
    ['room/waiting-room', 'room/call', 'room/grants', 'room/authorization-matrix'],
    [
      ['the smallest limit', 'Math.min(call.endsAt ?? Infinity, startedAt', 'Math.max(call.endsAt ?? 0, startedAt'],
      ['the place in the waiting room', 'this.leaveWaiting(seat);'],
      ['a place in the waiting room is no seat', 'seat && this.state.seats.get(seat.id)', 'seat'],
      ['knocks are for moderators', 'if (seat.grants.moderate) this.tell(seat', 'this.tell(seat'],
      ['who was admitted waits no more', '.filter(({ admitted }) => !admitted)'],
      ['what was granted', 'this.state.granted.get(sub) ?? grants', 'grants'],
      ['grants end with the call', 'granted.clear();'],
      ['chat ends with the call', 'chat.clear();'],
      ['lock and clock end with the call', 'this.state.call = NO_CALL;'],
    ],
  ),
  ...of(
    'src/room/presence.ts',
    ['room/call'],
    [
      ['the end by the clock', 'if ((this.state.call.endsAt ?? Infinity) <= now) return this.#runOut(now);'],
      ['an alarm for it', 'Math.min(endsAt, ...others', 'Math.min(...others'],
      ['tokens of before', 'this.denials.addAll(Math.max(...this.members.map(({ iat }) => iat)), now);'],
      [
        'who waits hears of the end',
        'for (const seat of this.everybody) this.remove',
        'for (const seat of this.members) this.remove',
      ],
    ],
  ),
  ...of(
    'src/room/denials.ts',
    ['room/call'],
    [['tokens without minutes', 'limits.minutes !== undefined && this.has', 'this.has']],
  ),
  ...of(
    'src/room/receive-frame.ts',
    ['room/waiting-room', 'room/conversation'],
    [
      ['who waits says nothing', "if (room.isWaiting(seat)) return deny('waiting');"],
      ['somebody else’s hand', 'if (message.id === undefined || message.id === seat.id) return', 'return'],
    ],
  ),
  ...of(
    'src/room/moderation.ts',
    ['room/conversation', 'room/waiting-room', 'room/grants'],
    [
      [
        'a hand is one’s own to raise',
        "if (message.raised) return deny('forbidden', 'A hand is raised by its owner');",
      ],
      [
        'members are not refused',
        'each(waiting, message.id, (seat) => room.removeByHost',
        'each(new Map([...waiting, ...seats]), message.id, (seat) => room.removeByHost',
      ],
      [
        'who waits is given nothing',
        'each(seats, message.id, (seat) => grant',
        'each(new Map([...waiting, ...seats]), message.id, (seat) => grant',
      ],
      ['tracks that are not granted', 'room.keepWithinGrants({ ...before, grants }, now)', '{ ...before, grants }'],
      ['that it holds', 'setNewest(room.state.granted, before.sub, grants, GRANTED_MAX);'],
    ],
  ),
  ...of(
    'src/room/sessions.ts',
    ['room/grants'],
    [
      ['what is received', 'grants.subscribe ? sent : [...sent, ...pulled]', 'sent'],
      ['sources', 'source && grants.publish.includes(SOURCE_GRANT[source])', 'source'],
      ['the number of a kind', '.slice(0, allowed[kind])'],
      ['what was announced and is not granted', 'open.filter(({ trackName }) => !sources.has(trackName))', 'open'],
    ],
  ),
  ...of(
    'src/room/conversation.ts',
    ['room/conversation', 'room/authorization-matrix'],
    [
      ['the right to chat', "if (!self.grants.chat) return deny('forbidden', 'Chat is not granted');"],
      ['chat, so many', "if (!room.limits.chat.take(self.sub, now)) return deny('rate_limited');"],
      ['reactions, so many', "if (!room.limits.reactions.take(self.sub, now)) return deny('rate_limited');"],
      ['private messages stay so', 'seq > Math.max(seq, chatFrom) && isFor(message)', 'seq > Math.max(seq, chatFrom)'],
      ['nothing of before', 'Math.max(seq, chatFrom)', 'seq'],
      [
        'only to whom it is for',
        "if (!receiver) return room.broadcast({ type: 'chat', ...said });",
        "return room.broadcast({ type: 'chat', ...said });",
      ],
      ['a key is the sender’s', 'other.from === self.id && other.key === key', 'other.key === key'],
      ['so many are kept', 'said, CHAT_RING_MAX)', 'said, Infinity)'],
    ],
  ),
];
