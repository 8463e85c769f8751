import { equal, notEqual } from '../../testing/assert.ts';
import { inCall, participant } from '../../testing/call-states.ts';
import { FakeCallView } from '../../testing/fake-call-view.ts';
import { mountScreen, unmount } from '../../testing/ui-fixture.ts';

/** Styles of the page around, for one test. */
function pageStyles(css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}

describe('the look, and the page around it', () => {
  afterEach(() => {
    document.adoptedStyleSheets = [];
    unmount();
  });

  it('takes the custom properties of the page, set on the tag or on anything around it', async () => {
    pageStyles('body { --call-accent: rgb(1, 2, 3) } screen-fixture { --call-radius: 31px }');
    const { element, find } = await mountScreen(new FakeCallView());
    equal(getComputedStyle(find('button[part="join-button"]')).backgroundColor, 'rgb(1, 2, 3)');
    equal(getComputedStyle(element).borderRadius, '31px');
  });

  it('lets the page style each part from outside, however deep it lies', async () => {
    pageStyles(`
      ::part(join-button), ::part(name-field), ::part(preview), ::part(leave-button), ::part(control), ::part(tile),
      ::part(control-bar), ::part(panel) { outline: 5px solid red }`);
    const view = new FakeCallView();
    const { find, settled } = await mountScreen(view);
    const isStyled = (selector: string): void => equal(getComputedStyle(find(selector)).outlineWidth, '5px', selector);
    for (const selector of [
      'button[part="join-button"]',
      'input',
      '.preview',
      'rc-capture-button[source="microphone"] button',
    ])
      isStyled(selector);
    view.setPhase(inCall([participant('Ana'), participant('Ben')]));
    await settled();
    for (const selector of [
      'rc-participant-tile',
      'rc-control-bar',
      'rc-capture-button[source="camera"] button',
      'button[part~="leave-button"]',
    ])
      isStyled(selector);
    view.setPhase({ phase: 'left', reason: 'you-left' });
    await settled();
    isStyled('.panel');
  });

  it("takes the page's font and nothing else of its text", async () => {
    pageStyles(`body { font: italic 700 40px/3 Georgia, serif; text-transform: uppercase; letter-spacing: 9px;
      text-align: right; white-space: nowrap; cursor: crosshair; }
      button, input, p, h2, div { all: revert; color: red !important; display: inline !important }`);
    const { find } = await mountScreen(new FakeCallView());
    const { fontFamily, fontSize, fontStyle, textTransform, letterSpacing, textAlign, whiteSpace } = getComputedStyle(
      find('.room'),
    );
    equal(fontFamily, 'Georgia, serif');
    equal(
      [fontSize, fontStyle, textTransform, letterSpacing, textAlign],
      ['18px', 'normal', 'none', 'normal', 'start'],
    );
    equal(whiteSpace, 'normal');
    notEqual(getComputedStyle(find('.room')).color, 'rgb(255, 0, 0)');
  });

  it('has a height of its own, and takes the one the page gives', async () => {
    const { element } = await mountScreen(new FakeCallView());
    equal(element.offsetHeight >= 480, true);
    pageStyles('screen-fixture { height: 300px }');
    equal(element.offsetHeight, 300);
  });

  it('follows the colour scheme that the page forces on the tag', async () => {
    const { element } = await mountScreen(new FakeCallView());
    pageStyles('screen-fixture { color-scheme: dark }');
    const dark = getComputedStyle(element).backgroundColor;
    pageStyles('screen-fixture { color-scheme: light }');
    notEqual(getComputedStyle(element).backgroundColor, dark);
  });

  it('leaves the page as it was', async () => {
    const paragraph = document.createElement('p');
    document.body.append(paragraph);
    const look = (): string =>
      JSON.stringify(
        [...getComputedStyle(paragraph)].map((name) => getComputedStyle(paragraph).getPropertyValue(name)),
      );
    const before = look();
    const head = document.head.innerHTML;
    await mountScreen(new FakeCallView(inCall([participant('Ana'), participant('Ben')])));
    equal(look(), before);
    equal(document.head.innerHTML, head);
    equal(document.adoptedStyleSheets.length, 0);
  });
});
