import { describe, expect, it } from 'vitest';
import { initialState, type CallPhase, type CallState } from '../../call/state.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { screenSharers, selectTiles } from './tiles.ts';

const during = (call: CallPhase): CallState => ({ ...initialState('studio'), call });
const me = participant('Me', ['camera', 'screen']);

describe('selectTiles', () => {
  it('is empty outside a call', () => {
    expect(selectTiles(during({ phase: 'joining' }))).toEqual({ rest: [] });
  });

  it('puts everybody in order of arrival, me last, and nobody on the stage', () => {
    const { stage, rest } = selectTiles(during(inCall([me, participant('Ben'), participant('Cleo')])));
    expect(stage).toBeUndefined();
    expect(rest.map(({ participantId }) => participantId)).toEqual(['ben', 'cleo', 'me']);
  });

  it('gives the stage to the last who came with a screen, and a tile to the other screens', () => {
    const call = inCall([me, participant('Ben', ['screen']), participant('Cleo', ['screen'])]);
    const { stage, rest } = selectTiles(during(call));
    expect(stage).toEqual({ participantId: 'cleo', source: 'screen' });
    expect(rest.filter(({ source }) => source === 'screen')).toEqual([{ participantId: 'ben', source: 'screen' }]);
  });

  it('shows neither my own screen nor one that sends nothing', () => {
    const call = inCall([me, participant('Ben', [], ['screen'])]);
    expect(screenSharers(call)).toEqual([]);
    expect(selectTiles(during(call)).stage).toBeUndefined();
  });
});
