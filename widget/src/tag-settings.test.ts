import { describe, expect, it } from 'vitest';
import { readSettings, readTag, type TagAttributes, type TagSurroundings } from './tag-settings.ts';

const TAG: TagAttributes = { room: 'studio', token: '', tokenUrl: '/call-token', broker: '', name: '' };
const PAGE: TagSurroundings = {
  base: 'https://shop.example/visit/today',
  scriptUrl: 'https://calls.example/assets/realtime-call.js?v=2',
  isSecure: true,
  isSupported: true,
  pageGivesToken: () => false,
};

function obstacle(tag: Partial<TagAttributes>, page: Partial<TagSurroundings> = {}): string {
  return readSettings({ ...TAG, ...tag }, { ...PAGE, ...page }).obstacle;
}

describe('addresses', () => {
  it.each([
    ['', 'https://calls.example'],
    ['https://broker.example/', 'https://broker.example'],
    ['https://broker.example/calls/', 'https://broker.example/calls'],
    ['/calls?x=1#y', 'https://shop.example/calls'],
    ['http://127.0.0.1:8788', 'http://127.0.0.1:8788'],
    ['javascript:alert(1)', ''],
    ['http://', ''],
  ])('broker %j is %j', (broker, expected) => {
    expect(readTag({ ...TAG, broker }, PAGE).broker).toBe(expected);
  });

  it.each([
    ['/call-token', 'https://shop.example/call-token'],
    ['token.php?x=1', 'https://shop.example/visit/token.php?x=1'],
    ['https://id.example/t', 'https://id.example/t'],
    ['data:text/plain,x', ''],
    ['', ''],
  ])('token-url %j is %j', (tokenUrl, expected) => {
    expect(readTag({ ...TAG, tokenUrl }, PAGE).tokenUrl).toBe(expected);
  });
});

it.each([null, undefined])('an attribute that became %s is as if it had never been there', (gone) => {
  const never = { room: '', token: '', tokenUrl: '', broker: '', name: '' };
  const away = { room: gone, token: gone, tokenUrl: gone, broker: gone, name: gone };
  expect(readTag(away, PAGE)).toEqual(readTag(never, PAGE));
  expect(readSettings(away, PAGE)).toEqual(readSettings(never, PAGE));
});

describe('what makes a call impossible', () => {
  it.each([
    ['nothing, as it should be', {}, {}, ''],
    ['nothing, with a token in the tag', { tokenUrl: '', token: 'x' }, {}, ''],
    ['no room', { room: '' }, {}, 'misconfigured-tag'],
    ['a room with a slash', { room: 'a/b' }, {}, 'misconfigured-tag'],
    ['a room too long', { room: 'a'.repeat(129) }, {}, 'misconfigured-tag'],
    ['a broker that is no address', { broker: 'http://' }, {}, 'misconfigured-tag'],
    ['no broker, in a script of unknown origin', {}, { scriptUrl: '' }, 'misconfigured-tag'],
    ['no token', { tokenUrl: '' }, {}, 'misconfigured-tag'],
    ['a token of spaces', { tokenUrl: '', token: ' ' }, {}, 'misconfigured-tag'],
    ['no token, and a page that gives one', { tokenUrl: '' }, { pageGivesToken: () => true }, ''],
    ['an insecure page, before anything else', { room: '' }, { isSecure: false, isSupported: false }, 'insecure-page'],
    ['an old browser', {}, { isSupported: false }, 'unsupported-browser'],
  ] as const)('%s', (_, tag, page, expected) => {
    expect(obstacle(tag, page)).toBe(expected);
  });

  it('is explained to developers', () => {
    expect(readSettings({ ...TAG, room: '' }, PAGE).detail).toBe('the attribute room is missing');
  });

  it('the page is asked for a token only where the tag has none', () => {
    const pageGivesToken = () => {
      throw new Error('asked');
    };
    expect(obstacle({}, { pageGivesToken })).toBe('');
  });
});

it('a name that cannot be shown is no name', () => {
  expect(readSettings({ ...TAG, name: ' Ann ' }, PAGE).name).toBe('Ann');
  expect(readSettings({ ...TAG, name: 'a\u202eb' }, PAGE).name).toBe('');
});
