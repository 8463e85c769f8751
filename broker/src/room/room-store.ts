import { newRoomState, type RoomState } from './room-state.ts';

/** Rows of another version are dropped unread: the room starts anew, which costs a reconnect. */
const VERSION = 4;

/** The table of each map. */
const TABLES = {
  seats: 'seat',
  waiting: 'waiting',
  granted: 'granted',
  chat: 'chat',
  closings: 'closing',
  denials: 'denial',
  events: 'webhook',
} as const;
const MAPS = Object.keys(TABLES) as (keyof typeof TABLES)[];

/** A room's state in the object's SQLite: one row for the room, and one for each entry of its maps. */
export class RoomStore {
  readonly #sql: SqlStorage;
  /** As it was last saved; undefined where nothing is. */
  #saved: RoomState | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  get isEmpty(): boolean {
    return this.#saved === undefined;
  }

  /**
   * The room as it was last saved; undefined where there is none. Only this version of this class writes these rows, so
   * what is in them needs no parsing.
   */
  load(): RoomState | undefined {
    if (this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'room'").toArray().length === 0) return undefined;
    const select = 'SELECT epoch, rev, call FROM room WHERE version = ?';
    const [room] = this.#sql.exec<{ epoch: string; rev: number; call: string }>(select, VERSION).toArray();
    if (!room) {
      for (const table of ['room', ...Object.values(TABLES)]) this.#sql.exec(`DROP TABLE IF EXISTS ${table}`);
      return undefined;
    }
    const state = { ...newRoomState(room.epoch), rev: room.rev, call: JSON.parse(room.call) as RoomState['call'] };
    for (const map of MAPS) {
      const rows = this.#sql.exec<{ id: string; value: string }>(`SELECT id, value FROM ${TABLES[map]} ORDER BY rowid`);
      for (const { id, value } of rows) state[map].set(id, JSON.parse(value) as never);
    }
    this.#saved = copy(state);
    return state;
  }

  /** Writes what has changed since the last save. Values are replaced whole, so that identity tells what changed. */
  save(state: RoomState): void {
    const saved = this.#saved ?? this.#create();
    const { epoch, rev, call } = state;
    const upsert = 'INSERT OR REPLACE INTO room (id, version, epoch, rev, call) VALUES (0, ?, ?, ?, ?)';
    if (rev !== saved.rev || call !== saved.call) this.#sql.exec(upsert, VERSION, epoch, rev, JSON.stringify(call));
    for (const map of MAPS) this.#saveRows(TABLES[map], saved[map], state[map]);
    this.#saved = copy(state);
  }

  /** The storage was deleted. */
  forget(): void {
    this.#saved = undefined;
  }

  #create(): RoomState {
    this.#sql.exec('CREATE TABLE room (id INTEGER PRIMARY KEY, version INTEGER, epoch TEXT, rev INTEGER, call TEXT)');
    for (const table of Object.values(TABLES))
      this.#sql.exec(`CREATE TABLE ${table} (id TEXT PRIMARY KEY, value TEXT NOT NULL)`);
    return { ...newRoomState(''), rev: -1 };
  }

  #saveRows(table: string, before: ReadonlyMap<string, object>, after: ReadonlyMap<string, object>): void {
    for (const id of before.keys()) if (!after.has(id)) this.#sql.exec(`DELETE FROM ${table} WHERE id = ?`, id);
    const upsert = `INSERT INTO ${table} (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value`;
    for (const [id, value] of after) if (before.get(id) !== value) this.#sql.exec(upsert, id, JSON.stringify(value));
  }
}

/** Values are never changed, so that they need no copies. */
function copy(state: RoomState): RoomState {
  return { ...state, ...Object.fromEntries(MAPS.map((map) => [map, new Map<string, object>(state[map])])) };
}
