import { setViewport } from '@web/test-runner-commands';
import { equal } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import type { Sights } from '../../call/reception.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { mountScreen, unmount, until } from '../../testing/ui-fixture.ts';

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => participant(`Person ${index}`, ['camera', 'microphone']));

const boxes = (tiles: HTMLElement[]) => tiles.map((tile) => tile.getBoundingClientRect());

describe('rc-tile-grid', () => {
  afterEach(unmount);

  for (const [width, height] of [
    [320, 640],
    [768, 900],
    [1440, 900],
  ] as const) {
    for (const count of [1, 2, 5, 12]) {
      it(`shows ${count} people whole, of one size, apart, at ${width} px`, async () => {
        await setViewport({ width, height });
        const { element, find, findAll, settled } = await mountScreen(new FakeCallView(inCall(people(count))));
        element.style.height = `${height - 16}px`;
        await settled();
        const space = find('rc-tile-grid').getBoundingClientRect();
        const tiles = boxes(findAll('rc-participant-tile'));
        equal(tiles.length, count);
        for (const [index, tile] of tiles.entries()) {
          equal([tile.width, tile.height], [tiles[0]?.width, tiles[0]?.height]);
          equal(tile.left >= space.left && tile.right <= space.right, true, 'in sight');
          equal(tile.top >= space.top && tile.bottom <= space.bottom, true, 'in sight');
          for (const other of tiles.slice(index + 1)) {
            const apart = other.left >= tile.right || other.right <= tile.left || other.top >= tile.bottom;
            equal(apart, true, 'no tile covers another');
          }
        }
        const shown = tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0);
        equal(shown / (space.width * space.height) > 0.45, true, `little is wasted: ${shown}`);
      });
    }
  }

  it('scrolls where there are too many to see, and only then stops the Tab key', async () => {
    await setViewport({ width: 320, height: 480 });
    const view = new FakeCallView(inCall(people(2)));
    const { element, find, settled } = await mountScreen(view);
    element.style.height = '260px';
    await settled();
    equal(find('.tiles').tabIndex, -1);
    view.setCall({ participants: people(12) });
    await settled();
    equal(find('.tiles').scrollHeight > find('.tiles').clientHeight, true);
    equal(find('.tiles').tabIndex, 0);
  });

  it('has no scroll bar where everybody fits, for it would take the width that they need', async () => {
    await setViewport({ width: 1024, height: 700 });
    const view = new FakeCallView(inCall(people(2)));
    const { element, find, findAll, settled } = await mountScreen(view);
    const overflow = () => getComputedStyle(find('.tiles')).overflowY;
    element.style.height = '120px';
    view.setCall({ participants: people(40) });
    await settled();
    equal(overflow(), 'scroll');
    element.style.height = '640px';
    view.setCall({ participants: people(2) });
    await settled();
    equal(overflow(), 'hidden');
    const [first, second] = boxes(findAll('rc-participant-tile'));
    equal(first?.top, second?.top);
  });

  it('follows its size', async () => {
    await setViewport({ width: 1200, height: 700 });
    const { element, findAll, settled } = await mountScreen(new FakeCallView(inCall(people(2))));
    const [wide] = boxes(findAll('rc-participant-tile'));
    element.style.width = '320px';
    await settled();
    const [narrow] = boxes(findAll('rc-participant-tile'));
    equal((narrow?.width ?? 0) < (wide?.width ?? 0) / 1.5, true);
  });

  it('gives a shared screen the stage, and moves nobody out of their element', async () => {
    await setViewport({ width: 1200, height: 700 });
    const [me, ben, cleo] = people(3);
    if (!me || !ben || !cleo) throw new Error('three people');
    const view = new FakeCallView(inCall([me, ben, cleo]));
    const { find, findAll, settled } = await mountScreen(view);
    const before = findAll('rc-participant-tile');
    view.setCall({ participants: [me, participant('Person 1', ['camera', 'screen']), cleo] });
    await settled();
    equal(find('.stage rc-participant-tile').getAttribute('source'), 'screen');
    const strip = findAll('.tiles rc-participant-tile');
    equal(
      strip.every((tile, index) => tile === before[index]),
      true,
      'the same elements',
    );
    const stage = find('.stage').getBoundingClientRect();
    equal(stage.width > 900, true, 'the screen is large');
    equal(
      boxes(strip).every((tile) => tile.left >= stage.right && tile.height > 60),
      true,
      'beside it',
    );
    view.setCall({ participants: [me, ben, cleo] });
    await settled();
    equal(findAll('.stage').length, 0);
  });

  it('puts the strip below the screen where the space is tall', async () => {
    await setViewport({ width: 320, height: 640 });
    const [me, , cleo] = people(3);
    if (!me || !cleo) throw new Error('three people');
    const call = inCall([me, participant('Person 1', ['camera', 'screen']), cleo]);
    const { find, findAll } = await mountScreen(new FakeCallView(call));
    const stage = find('.stage').getBoundingClientRect();
    equal(stage.width > 280, true);
    equal(
      boxes(findAll('.tiles rc-participant-tile')).every(({ top }) => top >= stage.bottom),
      true,
    );
  });

  it('brings whoever spoke last to the front of the strip', async () => {
    await setViewport({ width: 1200, height: 700 });
    const sharer = participant('Sharer', ['screen']);
    const call = inCall([...people(6), sharer], { activeSpeaker: 'person-4' });
    const { findAll } = await mountScreen(new FakeCallView(call));
    const strip = findAll('.tiles rc-participant-tile');
    const topmost = strip.toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
    equal(topmost?.hasAttribute('active'), true);
  });

  it('leaves everybody in their element when somebody before them goes', async () => {
    const [me, ben, cleo, dan] = people(4);
    if (!me || !ben || !cleo || !dan) throw new Error('four people');
    const view = new FakeCallView(inCall([me, ben, cleo, dan]));
    const { findAll, settled } = await mountScreen(view);
    const [, ofCleo, ofDan] = findAll('rc-participant-tile');
    view.setCall({ participants: [me, cleo, dan] });
    await settled();
    const [first, second] = findAll('rc-participant-tile');
    equal(first, ofCleo);
    equal(second, ofDan);
  });

  it('renders nothing for a change that moves no tile', async () => {
    const view = new FakeCallView(inCall(people(3)));
    const { find } = await mountScreen(view);
    const grid = find('rc-tile-grid') as HTMLElement & { isUpdatePending: boolean };
    view.setCall({ speakers: ['person-1'], rev: 2, activeSpeaker: 'person-1' });
    equal(grid.isUpdatePending, false);
    view.setCall({ participants: people(2) });
    equal(grid.isUpdatePending, true);
  });

  it('shows many people page by page, and turns no further than there are pages', async () => {
    await setViewport({ width: 1200, height: 700 });
    const view = new FakeCallView(inCall(people(30)));
    const { find, findAll, settled } = await mountScreen(view);
    const names = () => findAll('rc-participant-tile .text').map((name) => name.textContent?.trim());
    equal(names().length, 12);
    equal(find('nav span').textContent, '1 of 3');
    const [previous, next] = findAll('nav button');
    equal([previous?.ariaDisabled, next?.ariaDisabled], ['true', 'false']);
    previous?.click();
    next?.click();
    await settled();
    next?.click();
    await settled();
    equal(names(), ['Person 25', 'Person 26', 'Person 27', 'Person 28', 'Person 29', 'Person 0 (you)']);
    next?.click();
    await settled();
    equal(find('nav span').textContent, '3 of 3');
    view.setCall({ participants: people(13) });
    await settled();
    equal([find('nav span').textContent, names().length], ['2 of 2', 1]);
    view.setCall({ participants: people(12) });
    await settled();
    equal([findAll('nav').length, names().length], [0, 12]);
  });

  it('has no pages beside a shared screen', async () => {
    await setViewport({ width: 1200, height: 700 });
    const { findAll } = await mountScreen(new FakeCallView(inCall([...people(20), participant('Sharer', ['screen'])])));
    equal([findAll('nav').length, findAll('.tiles rc-participant-tile').length], [0, 21]);
  });

  describe('tells what is seen', () => {
    let told: Sights[];
    const listen = (event: Event) => told.push((event as Event & { sights: Sights }).sights);
    const seen = () =>
      Object.fromEntries((told.at(-1)?.tiles ?? []).map((tile) => [`${tile.participantId}/${tile.source}`, tile]));

    beforeEach(() => {
      told = [];
      document.addEventListener('call-sights', listen);
    });
    afterEach(() => document.removeEventListener('call-sights', listen));

    it('with the size of each tile in device pixels, and again when it changes', async () => {
      await setViewport({ width: 1200, height: 700 });
      const { element, findAll, settled } = await mountScreen(new FakeCallView(inCall(people(2))));
      await until('both are in view', () => told.at(-1)?.tiles.every(({ isInView }) => isInView) ?? false);
      const [tile] = findAll('rc-participant-tile');
      const ratio = Math.min(devicePixelRatio, 2);
      equal(seen()['person-1/camera']?.size, Math.round(Math.min(tile!.clientWidth, tile!.clientHeight) * ratio));
      equal(told.at(-1)?.isPageHidden, false);
      const before = seen()['person-1/camera']!.size;
      element.style.width = '320px';
      await settled();
      equal(seen()['person-1/camera']!.size < before / 2, true, `${seen()['person-1/camera']!.size}`);
    });

    it('and what is scrolled out of the strip, hidden by the page, or gone', async () => {
      await setViewport({ width: 1200, height: 500 });
      const crowd = [...people(20), participant('Sharer', ['screen'])];
      const view = new FakeCallView(inCall(crowd));
      const { element, find, settled } = await mountScreen(view);
      await until('the first is in view', () => seen()['person-1/camera']?.isInView ?? false);
      equal(seen()['sharer/screen']?.isInView, true);
      equal(seen()['person-19/camera']?.isInView, false, 'far down the strip');
      find('.tiles').scrollTop = 1e6;
      await until('the last is in view', () => seen()['person-19/camera']?.isInView ?? false);
      equal(seen()['person-1/camera']?.isInView, false);

      view.setCall({ participants: crowd.slice(0, 3) });
      await settled();
      equal(Object.keys(seen()).length, 3);
      element.style.display = 'none';
      await until('nothing is in view', () => told.at(-1)?.tiles.every(({ isInView }) => !isInView) ?? false);
    });

    it('when the page is hidden, and not while its picture-in-picture stays', async () => {
      await mountScreen(new FakeCallView(inCall(people(2))));
      const pretend = (property: string, value: unknown) =>
        Object.defineProperty(document, property, { configurable: true, get: () => value });
      try {
        pretend('hidden', true);
        document.dispatchEvent(new Event('visibilitychange'));
        await until('hidden is told', () => told.at(-1)?.isPageHidden ?? false);
        pretend('pictureInPictureElement', document.body);
        document.dispatchEvent(new Event('visibilitychange'));
        await until('seen is told', () => told.at(-1)?.isPageHidden === false);
      } finally {
        Reflect.deleteProperty(document, 'hidden');
        Reflect.deleteProperty(document, 'pictureInPictureElement');
      }
    });

    it('again after it was moved, and nothing once it is gone', async () => {
      const { element } = await mountScreen(new FakeCallView(inCall(people(2))));
      await until('seen', () => told.length > 0);
      const parent = element.parentElement!;
      element.remove();
      const { length } = told;
      document.dispatchEvent(new Event('visibilitychange'));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      equal(told.length, length);
      parent.append(element);
      await until('seen again', () => told.length > length && told.at(-1)!.tiles.every(({ isInView }) => isInView));
    });
  });
});
