import { describe, expect, it } from 'vitest';
import type { RosterChange, RosterSnapshot } from '#protocol';
import { person } from '../testing/people.ts';
import { updateRoster, type RosterMessage } from './roster.ts';

const [ann, ben, cleo] = [person('ann'), person('ben'), person('cleo')];
const ROSTER: RosterSnapshot = { epoch: 'one', rev: 5, locked: false, participants: [ann, ben] };

function change(rev: number, what: RosterChange, epoch = 'one'): RosterMessage {
  return { type: 'change', epoch, rev, change: what };
}

function participantsAfter(message: RosterMessage): string[] | string {
  const update = updateRoster(ROSTER, message);
  return update.type === 'updated' ? update.roster.participants.map(({ id }) => id) : update.type;
}

describe('the next revision', () => {
  it('adds somebody new at the end', () => {
    const update = updateRoster(ROSTER, change(6, { type: 'put', participant: cleo }));
    expect(update).toEqual({ type: 'updated', roster: { ...ROSTER, rev: 6, participants: [ann, ben, cleo] } });
  });

  it('replaces somebody known in place', () => {
    const renamed = person('ann', { name: 'Anna' });
    const update = updateRoster(ROSTER, change(6, { type: 'put', participant: renamed }));
    expect(update).toMatchObject({ roster: { participants: [{ name: 'Anna' }, { id: 'ben' }] } });
  });

  it('takes away who is gone', () => {
    expect(participantsAfter(change(6, { type: 'gone', id: 'ann', reason: 'left' }))).toEqual(['ben']);
  });

  it('tells how the room is, whole', () => {
    const ending = { ...ROSTER, endsAt: 9 };
    expect(updateRoster(ending, change(6, { type: 'put', participant: ann }))).toMatchObject({ roster: { endsAt: 9 } });
    expect(updateRoster(ending, change(6, { type: 'room', locked: true }))).toEqual({
      type: 'updated',
      roster: { ...ROSTER, rev: 6, locked: true },
    });
  });
});

describe('a revision out of turn', () => {
  it.each([
    ['already applied', change(5, { type: 'gone', id: 'ann', reason: 'left' }), 'unchanged'],
    ['after a missing one', change(7, { type: 'put', participant: cleo }), 'gap'],
    ['of another epoch', change(6, { type: 'put', participant: cleo }, 'two'), 'gap'],
  ])('%s', (_, message, expected) => {
    expect(participantsAfter(message)).toBe(expected);
  });
});

describe('a whole roster', () => {
  const snapshot = (epoch: string, rev: number): RosterMessage => ({
    type: 'roster',
    epoch,
    rev,
    locked: false,
    participants: [cleo],
  });

  it.each([
    ['newer', snapshot('one', 9), ['cleo']],
    ['of the same revision', snapshot('one', 5), ['cleo']],
    ['of a new epoch that counts from the start', snapshot('two', 1), ['cleo']],
    ['overtaken by changes already applied', snapshot('one', 4), 'unchanged'],
  ])('%s', (_, message, expected) => {
    expect(participantsAfter(message)).toEqual(expected);
  });
});

describe('word that nothing was missed', () => {
  it.each([
    [{ type: 'current', epoch: 'one', rev: 5 } as const, 'unchanged'],
    [{ type: 'current', epoch: 'one', rev: 6 } as const, 'gap'],
    [{ type: 'current', epoch: 'two', rev: 5 } as const, 'gap'],
  ])('%o', (message, expected) => {
    expect(updateRoster(ROSTER, message).type).toBe(expected);
  });
});

describe('whatever order messages come in', () => {
  it('ends with the broker’s roster, once gaps are filled by a whole one', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const history: RosterSnapshot[] = [ROSTER];
      const messages: RosterMessage[] = [];
      for (let rev = 6; rev < 20; rev++) {
        const id = ['ann', 'ben', 'cleo'][Math.floor(random() * 3)]!;
        const what: RosterChange =
          random() < 0.5 ? { type: 'gone', id, reason: 'left' } : { type: 'put', participant: person(id) };
        messages.push(change(rev, what));
        const applied = updateRoster(history.at(-1)!, change(rev, what));
        if (applied.type === 'updated') history.push(applied.roster);
      }
      let roster = ROSTER;
      for (const message of messages) {
        if (random() < 0.2) continue;
        const copies = random() < 0.2 ? [message, message] : [message];
        for (const copy of copies) {
          const update = updateRoster(roster, copy);
          const truth = history.find(({ rev }) => rev === message.rev)!;
          if (update.type === 'updated') roster = update.roster;
          else if (update.type === 'gap') roster = must(updateRoster(roster, { type: 'roster', ...truth }));
          expect(roster, `seed ${seed}`).toEqual(truth);
        }
      }
    }
  });
});

function must(update: ReturnType<typeof updateRoster>): RosterSnapshot {
  if (update.type !== 'updated') throw new Error(update.type);
  return update.roster;
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
