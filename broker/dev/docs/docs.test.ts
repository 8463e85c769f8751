import { describe, expect, it } from 'vitest';
import { BrokerErrorStatus, CloseCode, TERMINAL_CLOSE_CODES } from '#protocol';
import * as limits from '../../protocol/limits.ts';
import { brokerSource, idsOfTests, quoted, read, readTable } from './tables.ts';

const README = read('broker/README.md');
const PROTOCOL = read('broker/protocol/PROTOCOL.md');
const source = brokerSource();
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
const found = (pattern: RegExp, text = source) => [...text.matchAll(pattern)].map(([, name = '']) => name);

describe('the broker’s README tells what is in the code', () => {
  it('all routes, and no other', () => {
    const routes = [...read('broker/src/worker.ts').matchAll(/\.(get|post|put|delete|patch)\('([^']+)'/g)];
    expect(routes.length).toBeGreaterThan(15);
    expect(sorted(readTable(README, 'Routes').flatMap(([route]) => quoted(route)))).toEqual(
      sorted(routes.map(([, method = '', path = '']) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`)),
    );
  });

  it('all settings, and no other', () => {
    const env = read('broker/src/env.ts');
    const [, bindings = ''] = /interface OptionalBindings \{([^}]+)\}/.exec(env) ?? [];
    const names = [...found(/'([A-Z]+_[A-Z_]+)'/g, env), ...found(/^ {2}([A-Z_]+)\?:/gm, bindings)];
    expect(names).toContain('ROOM_TOKEN_KEYS');
    expect(sorted(readTable(README, 'Settings').flatMap(([name]) => quoted(name)))).toEqual(sorted(names));
    const used = found(/\benv(?:\.|\[')([A-Z][A-Z_]+)/g).filter((name) => name !== 'ROOMS');
    expect(names).toEqual(expect.arrayContaining(used));
  });

  it('every limit with its value', () => {
    const rows = readTable(README, 'Limits').map(([name, value = '']) => [
      quoted(name)[0],
      Number(value.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(rows)).toEqual({ ...limits });
  });

  it('every error with its status', () => {
    const rows = readTable(README, 'Errors').map(([code, status]) => [quoted(code)[0], Number(status)]);
    expect(Object.fromEntries(rows)).toEqual(BrokerErrorStatus);
  });

  it('every close code, and after which a client stays away', () => {
    const rows = readTable(README, 'Close codes');
    expect(Object.fromEntries(rows.map(([code, name]) => [quoted(name)[0], Number(code)]))).toEqual(CloseCode);
    const terminal = rows.flatMap(([code, , client]) => (client === 'stays away' ? [Number(code)] : []));
    expect(new Set(terminal)).toEqual(TERMINAL_CLOSE_CODES);
  });

  it('every table of the storage', () => {
    const [, listed = ''] = /const TABLES = \{([^}]+)\}/.exec(read('broker/src/room/room-store.ts')) ?? [];
    const tables = [...found(/CREATE TABLE (?:IF NOT EXISTS )?(\w+) \(/g), ...found(/: '(\w+)'/g, listed)];
    expect(tables.length).toBeGreaterThan(5);
    expect(sorted(readTable(README, 'What is kept, and how long').flatMap(([table]) => quoted(table)))).toEqual(
      sorted(tables),
    );
  });

  it('its own size, to within a twentieth', () => {
    const [, told = ''] = /about ([\d,]+) lines of code/.exec(README) ?? [];
    const lines = Number(told.replace(',', ''));
    const code = source.replaceAll(/\/\*[^]*?\*\//g, '').split('\n');
    const counted = code.filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
    expect(Math.abs(counted - lines), `${counted} lines of code`).toBeLessThan(lines / 20);
  });

  it('every event of the log', () => {
    const events = [
      ...found(/\blog\(\s*'(\w+)'/g),
      ...found(/#log\('(\w+)'/g),
      ...found(/type: 'log', event: '(\w+)'/g),
    ];
    expect(events).toContain('joined');
    expect(sorted(readTable(README, 'The log').flatMap(([event]) => quoted(event)))).toEqual(sorted(events));
  });
});

describe('rules and attacks are shown by tests', () => {
  const rules = found(/^\| ([A-Z]{2}\d+) +\|/gm, PROTOCOL);
  const attacks = readTable(README, 'Attacks');
  const known = [...rules, ...attacks.map(([id = '']) => id)];
  const shown = idsOfTests(new Set(known.map((id) => id.replace(/\d+/, ''))));

  it('no id stands for two rules', () => {
    expect(rules.length).toBeGreaterThan(80);
    expect(known).toHaveLength(new Set(known).size);
    expect(attacks.map(([id]) => id)).toEqual(Array.from({ length: 27 }, (_, index) => `A${index + 1}`));
  });

  it('every rule of PROTOCOL.md and every attack is in the title of a test', () => {
    expect(known.filter((id) => !shown.has(id))).toEqual([]);
  });

  it('every id in the title of a test is one of theirs', () => {
    const unknown = [...shown].filter(([id]) => !known.includes(id));
    expect(unknown.map(([id, files]) => `${id} in ${[...files].join(', ')}`)).toEqual([]);
  });

  it('every file that the table of attacks names has tests of that attack', () => {
    for (const [id = '', , , tests] of attacks) {
      const named = quoted(tests);
      expect([id, named.length]).not.toEqual([id, 0]);
      const files = [...(shown.get(id) ?? [])];
      const missing = named.filter((name) => !files.some((file) => file.includes(`/${name}.`)));
      expect([id, missing]).toEqual([id, []]);
    }
  });
});
