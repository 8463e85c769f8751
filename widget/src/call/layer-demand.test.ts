import { describe, expect, it } from 'vitest';
import { LayerDemand } from './layer-demand.ts';

describe('LayerDemand', () => {
  it('is the best that anybody watches', () => {
    const demand = new LayerDemand();
    demand.hear('ann', 'c');
    demand.hear('ben', 'b');
    demand.hear('cleo', '');
    expect(demand.best(['ann', 'ben', 'cleo'])).toBe('b');
    demand.hear('ben', '');
    expect(demand.best(['ann', 'ben', 'cleo'])).toBe('c');
  });

  it('is nothing where nobody watches, or nobody is there', () => {
    const demand = new LayerDemand();
    demand.hear('ann', '');
    expect(demand.best(['ann'])).toBe('');
    expect(demand.best([])).toBe('');
  });

  it('is everything as long as one person has not told', () => {
    const demand = new LayerDemand();
    demand.hear('ann', 'c');
    expect(demand.best(['ann', 'newcomer'])).toBeUndefined();
    demand.hear('newcomer', 'c');
    expect(demand.best(['ann', 'newcomer'])).toBe('c');
    demand.forget();
    expect(demand.best(['ann', 'newcomer'])).toBeUndefined();
  });

  it('forgets who has gone: whoever comes back has not told', () => {
    const demand = new LayerDemand();
    demand.hear('ann', 'c');
    demand.best([]);
    expect(demand.best(['ann'])).toBeUndefined();
  });
});
