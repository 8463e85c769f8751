import type { Call, RoomState } from './room-state.ts';

/** Rows of another version are dropped unread: the room starts anew, which costs a reconnect. */
const VERSION = 3;

/** The table of each map. */
const TABLES = {
  seats: 'seat',
  waiting: 'waiting',
  granted: 'granted',
  chat: 'chat',
  closings: 'closing',
  denials: 'denial',
} as const;
type Maps = Pick<RoomState, keyof typeof TABLES>;
type Table = (typeof TABLES)[keyof Maps];

/** A room's state in the object's SQLite: one row for the room, and one for each entry of its maps. */
export class RoomStore {
  readonly #sql: SqlStorage;
  #saved: Maps = noMaps();
  #call: Call | undefined;
  #exists = false;
  #rev = -1;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get exists(): boolean {
    return this.#exists;
  }

  /** The room as it was last saved; undefined where there is none. */
  load(): RoomState | undefined {
    this.#exists = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'room'").toArray().length > 0;
    if (!this.#exists) return undefined;
    type RoomRow = { epoch: string; rev: number; call: string };
    const [room] = this.#sql.exec<RoomRow>('SELECT epoch, rev, call FROM room WHERE version = ?', VERSION).toArray();
    if (!room) return this.#drop();
    this.#rev = room.rev;
    this.#call = JSON.parse(room.call) as Call;
    this.#saved = everyMap((map) => this.#rows(TABLES[map]));
    return { ...room, call: this.#call, ...everyMap((map) => new Map<string, never>(this.#saved[map] as never)) };
  }

  /** Writes what has changed since the last save. Values are replaced whole, so that identity tells what changed. */
  save(state: RoomState): void {
    if (!this.#exists) this.#create();
    const { epoch, rev, call } = state;
    const upsert = 'INSERT OR REPLACE INTO room (id, version, epoch, rev, call) VALUES (0, ?, ?, ?, ?)';
    if (rev !== this.#rev || call !== this.#call) this.#sql.exec(upsert, VERSION, epoch, rev, JSON.stringify(call));
    this.#rev = rev;
    this.#call = call;
    this.#saved = everyMap((map) => this.#saveRows<unknown>(TABLES[map], this.#saved[map], state[map]) as never);
  }

  /** Deletes the room, and leaves what else is stored in the object. */
  clear(): void {
    if (this.#exists) this.#drop();
    this.reset();
  }

  /** Forgets everything: the storage was deleted. */
  reset(): void {
    this.#exists = false;
    this.#rev = -1;
    this.#call = undefined;
    this.#saved = noMaps();
  }

  #drop(): undefined {
    for (const table of ['room', ...Object.values(TABLES)]) this.#sql.exec(`DROP TABLE IF EXISTS ${table}`);
    this.#exists = false;
    return undefined;
  }

  #create(): void {
    this.#sql.exec('CREATE TABLE room (id INTEGER PRIMARY KEY, version INTEGER, epoch TEXT, rev INTEGER, call TEXT)');
    for (const table of Object.values(TABLES))
      this.#sql.exec(`CREATE TABLE ${table} (id TEXT PRIMARY KEY, value TEXT NOT NULL)`);
    this.#exists = true;
  }

  /** In order of arrival. Only this version of this class writes these rows, so what is in them needs no parsing. */
  #rows(table: Table): Map<string, never> {
    const rows = this.#sql.exec<{ id: string; value: string }>(`SELECT id, value FROM ${table} ORDER BY rowid`);
    return new Map(rows.toArray().map(({ id, value }) => [id, JSON.parse(value) as never]));
  }

  #saveRows<T>(table: Table, before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>) {
    for (const id of before.keys()) if (!after.has(id)) this.#sql.exec(`DELETE FROM ${table} WHERE id = ?`, id);
    for (const [id, value] of after) {
      if (before.get(id) === value) continue;
      const upsert = `INSERT INTO ${table} (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value`;
      this.#sql.exec(upsert, id, JSON.stringify(value));
    }
    return new Map(after);
  }
}

function everyMap(run: (map: keyof Maps) => Map<string, never>): Maps {
  return Object.fromEntries(Object.keys(TABLES).map((map) => [map, run(map as keyof Maps)])) as never;
}

function noMaps(): Maps {
  return everyMap(() => new Map<string, never>());
}
