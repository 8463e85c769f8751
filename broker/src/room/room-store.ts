import type { RoomState } from './room.ts';
import type { Closing } from './closings.ts';
import type { Denial } from './denials.ts';
import type { Seat } from './seat.ts';

/** Rows of another version are dropped unread: the room starts anew, which costs a reconnect. */
const VERSION = 2;

const TABLES = ['seat', 'closing', 'denial'] as const;
type Table = (typeof TABLES)[number];

/** A room's state in the object's SQLite: one row for the room, one for each seat, one for each closing and denial. */
export class RoomStore {
  readonly #sql: SqlStorage;
  #seats: ReadonlyMap<string, Seat> = new Map();
  #closings: ReadonlyMap<string, Closing> = new Map();
  #denials: ReadonlyMap<string, Denial> = new Map();
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
    type RoomRow = { epoch: string; rev: number };
    const [room] = this.#sql.exec<RoomRow>('SELECT epoch, rev FROM room WHERE version = ?', VERSION).toArray();
    if (!room) return this.#drop();
    this.#rev = room.rev;
    this.#seats = this.#rows<Seat>('seat');
    this.#closings = this.#rows<Closing>('closing');
    this.#denials = this.#rows<Denial>('denial');
    const [seats, closings, denials] = [new Map(this.#seats), new Map(this.#closings), new Map(this.#denials)];
    return { ...room, seats, closings, denials };
  }

  /** Writes what has changed since the last save. Values are replaced whole, so that identity tells what changed. */
  save(state: RoomState): void {
    if (!this.#exists) this.#create();
    const { epoch, rev } = state;
    const upsert = 'INSERT OR REPLACE INTO room (id, version, epoch, rev) VALUES (0, ?, ?, ?)';
    if (rev !== this.#rev) this.#sql.exec(upsert, VERSION, epoch, rev);
    this.#rev = rev;
    this.#seats = this.#saveRows('seat', this.#seats, state.seats);
    this.#closings = this.#saveRows('closing', this.#closings, state.closings);
    this.#denials = this.#saveRows('denial', this.#denials, state.denials);
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
    this.#seats = new Map();
    this.#closings = new Map();
    this.#denials = new Map();
  }

  #drop(): undefined {
    for (const table of ['room', ...TABLES]) this.#sql.exec(`DROP TABLE IF EXISTS ${table}`);
    this.#exists = false;
    return undefined;
  }

  #create(): void {
    this.#sql.exec('CREATE TABLE room (id INTEGER PRIMARY KEY, version INTEGER, epoch TEXT, rev INTEGER)');
    for (const table of TABLES) this.#sql.exec(`CREATE TABLE ${table} (id TEXT PRIMARY KEY, value TEXT NOT NULL)`);
    this.#exists = true;
  }

  /** In order of arrival. Only this version of this class writes these rows, so what is in them needs no parsing. */
  #rows<T>(table: Table): Map<string, T> {
    const rows = this.#sql.exec<{ id: string; value: string }>(`SELECT id, value FROM ${table} ORDER BY rowid`);
    return new Map(rows.toArray().map(({ id, value }) => [id, JSON.parse(value) as T]));
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
