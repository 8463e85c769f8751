import { CLAIMS, HEADER, encode, mint, withText } from './mint.ts';
import { group, type Vector } from './vector.ts';

const GOOD = mint(HEADER);
const [head = '', body = '', tail = ''] = GOOD.split('.');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** 32 bytes leave two bits of the last character unused. */
const otherLast = tail.slice(0, -1) + ALPHABET[ALPHABET.indexOf(tail.at(-1) ?? '') + 1];
const filler = (bytes: number) => mint(HEADER, { ...CLAIMS, note: 'x'.repeat(bytes) });

/** How a token is written: one spelling for each, UTF-8, and JSON that can be read in one way only. */
export function spellingVectors(): Vector[] {
  const longest = Array.from({ length: 200 }, (_, bytes) => filler(2800 + bytes)).findLast(
    (token) => token.length <= 4096,
  );
  return [
    ...group('encoding', [
      ['a trailing dot', 'not_three_parts', `${GOOD}.`],
      ['a leading dot', 'not_three_parts', `.${GOOD}`],
      ['nothing', 'not_three_parts', ''],
      ['1 part', 'not_three_parts', head],
      ['2 parts', 'not_three_parts', `${head}.${body}`],
      ['4 parts', 'not_three_parts', `${GOOD}.${tail}`],
      ['5 parts', 'not_three_parts', `${head}..${body}.${tail}.${tail}`],
      ['only dots', 'not_three_parts', '..'],
      ['an empty header', 'not_three_parts', `.${body}.${tail}`],
      ['an empty payload', 'not_three_parts', `${head}..${tail}`],
      ['an empty signature', 'not_three_parts', `${head}.${body}.`],
      ['padding at the end', 'encoding', `${GOOD}=`],
      ['padding in the payload', 'encoding', `${head}.${body}==.${tail}`],
      ['the alphabet of plain base64', 'encoding', `${head}.+/${body.slice(2)}.${tail}`],
      ['a character of no alphabet', 'encoding', `${head}.${body}.!${tail.slice(1)}`],
      ['a character beyond ASCII', 'encoding', `${head}.${body}.\u00e9${tail.slice(1)}`],
      ['a line end after', 'encoding', `${GOOD}\n`],
      ['a line end inside the signature', 'encoding', `${head}.${body}.${tail.slice(0, 9)}\n${tail.slice(9)}`],
      ['a space before', 'encoding', ` ${GOOD}`],
      ['a space after', 'encoding', `${GOOD} `],
      ['a space inside the signature', 'encoding', `${head}.${body}.${tail.slice(0, 9)} ${tail.slice(9)}`],
      ['a tab inside the payload', 'encoding', `${head}.${body.slice(0, 8)}\t${body.slice(8)}.${tail}`],
      ['another spelling of the last character', 'encoding', `${head}.${body}.${otherLast}`],
      ['a signature cut by a character', 'encoding', GOOD.slice(0, -2)],
      ['a signature cut by whole bytes', 'signature', GOOD.slice(0, -3)],
      ['a signature with a byte more', 'signature', `${head}.${body}.${encode(Buffer.from(`${tail}AA`, 'base64url'))}`],
      [
        'the JSON serialisation',
        'not_three_parts',
        JSON.stringify({ protected: head, payload: body, signature: tail }),
      ],
      ['a byte order mark', 'json', mint(HEADER, `\ufeff${JSON.stringify(CLAIMS)}`)],
      ['a byte order mark in the header', 'json', mint(`\ufeff${JSON.stringify(HEADER)}`)],
      ['bytes that are no UTF-8', 'json', mint(HEADER, Buffer.from([0x7b, 0xff, 0x7d]))],
      ['bytes in a string that are no UTF-8', 'json', mint(HEADER, Buffer.from(withText('"note":"\u00ff"'), 'latin1'))],
      [
        'bytes in the header that are no UTF-8',
        'json',
        mint(Buffer.from('{"alg":"HS256","kid":"main\u00ff"}', 'latin1')),
      ],
      ['UTF-16', 'json', mint(HEADER, Buffer.from(JSON.stringify(CLAIMS), 'utf16le'))],
      ['the longest there may be', 'accepted', longest ?? ''],
      ['4,097 characters', 'too_long', [['x', 4097]]],
      ['8 MB', 'too_long', [['x', 8 * 1024 * 1024]]],
    ]),
    ...group('json', [
      ...['sub', 'exp', 'room', 'role', 'aud'].map(
        (name) => [`${name} twice`, 'json', mint(HEADER, withText(`"${name}":"x"`))] as const,
      ),
      ['sub twice, spelled by escapes', 'json', mint(HEADER, withText('"\\u0073ub":"eve"'))],
      ['a name twice inside', 'json', mint(HEADER, withText('"limits":{"minutes":1,"minutes":2}'))],
      ['strings that look like structure', 'accepted', mint(HEADER, { ...CLAIMS, note: '{"sub":1,"sub":2}' })],
      ['a name again in another object', 'accepted', mint(HEADER, { ...CLAIMS, nested: [{ a: 1 }, { a: 2 }] })],
      ['nesting as deep as fits', 'json', mint(HEADER, `${'['.repeat(1400)}${']'.repeat(1400)}`)],
      [
        'nesting of 200,000',
        'too_long',
        [
          [`${head}.`, 1],
          ['W1tb', 66_667],
          [`.${tail}`, 1],
        ],
      ],
      [
        '10,000 claims',
        'too_long',
        [
          [`${head}.${encode('{"a":1')}`, 1],
          [encode(',"a1":1'), 10_000],
          [`.${tail}`, 1],
        ],
      ],
      ['a list', 'json', mint(HEADER, [CLAIMS])],
      ['a string', 'json', mint(HEADER, '"text"')],
      ['a number', 'json', mint(HEADER, '5')],
      ['null', 'json', mint(HEADER, 'null')],
      ['true', 'json', mint(HEADER, 'true')],
      ['an open object', 'json', mint(HEADER, '{')],
      ['a comma too many', 'json', mint(HEADER, withText(''))],
      ['text behind the object', 'json', mint(HEADER, `${JSON.stringify(CLAIMS)}{}`)],
      ['NaN', 'json', mint(HEADER, withText('"nbf":NaN'))],
      ['single quotes', 'json', mint(HEADER, "{'aud':'realtime-call'}")],
      ['a header that is a list', 'json', mint([HEADER])],
    ]),
  ];
}
