import { expect, it } from 'vitest';
import { person, publisher } from '../testing/people.ts';
import { planTracks } from './plan.ts';

function plan(...participants: Parameters<typeof planTracks>[0]): string[] {
  return planTracks(participants, 'me').map(({ participantId, source }) => `${participantId} ${source}`);
}

it('sound comes before pictures, a screen before faces, and what is muted after what is not', () => {
  const all = ['camera', 'screen', 'screen-audio', 'microphone'] as const;
  expect(plan(publisher('ann', all, ['camera']), publisher('ben', all, ['microphone']))).toEqual([
    'ann microphone',
    'ben microphone',
    'ann screen-audio',
    'ben screen-audio',
    'ann screen',
    'ben screen',
    'ben camera',
    'ann camera',
  ]);
});

it('nobody receives themselves, nor whoever publishes nothing yet', () => {
  expect(plan(publisher('me', ['camera']), person('ann'), publisher('ben', ['camera']))).toEqual(['ben camera']);
});

it('a track is wanted with all it takes to find it', () => {
  const ben = publisher('ben', ['camera']);
  expect(planTracks([ben], 'me')).toEqual([{ ...ben.tracks[0], participantId: 'ben', sessionId: ben.sessionId }]);
});
