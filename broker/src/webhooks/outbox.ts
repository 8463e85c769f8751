import { log } from '../log.ts';
import type { CallRecord } from './call-record.ts';
import type { Outgoing } from './deliver.ts';

/** Events of one room that wait; one more drops the oldest. */
const ROWS_MAX = 500;
const LIFETIME_MS = 24 * 60 * 60 * 1000;
/** Longer than an attempt may take. */
const RETRY_FIRST_MS = 15_000;
const RETRY_MAX_MS = 60 * 60 * 1000;
const ATTEMPTS_MAX = 12;

/**
 * The call's record and the events that wait to be sent, in the object's SQLite. Sent in order: the first one holds the
 * others up until it is taken, or given up after twelve tries in four hours, or a day old.
 */
export class Outbox {
  readonly #sql: SqlStorage;
  #exists: boolean;
  #dueAt: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#exists = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'webhook'").toArray().length > 0;
    this.#dueAt = this.#readDueAt();
  }

  get exists(): boolean {
    return this.#exists;
  }

  /** When the first event is to be tried; Infinity where none waits. */
  get dueAt(): number {
    return this.#dueAt;
  }

  get call(): CallRecord | undefined {
    if (!this.#exists) return undefined;
    const [row] = this.#sql.exec<{ value: string }>('SELECT value FROM call').toArray();
    return row && (JSON.parse(row.value) as CallRecord);
  }

  set call(call: CallRecord | undefined) {
    this.#create();
    if (call) this.#sql.exec('INSERT OR REPLACE INTO call (id, value) VALUES (0, ?)', JSON.stringify(call));
    else this.#sql.exec('DELETE FROM call');
  }

  add(id: string, body: string, now: number): void {
    this.#create();
    const insert = 'INSERT INTO webhook (event, body, attempts, due_at, expires_at) VALUES (?, ?, 0, ?, ?)';
    this.#sql.exec(insert, id, body, now, now + LIFETIME_MS);
    this.#giveUp('id <= (SELECT max(id) FROM webhook) - ?', ROWS_MAX);
    this.#dueAt = this.#readDueAt();
  }

  /** The first event, where it is due. Its retry is booked before the attempt, for the object may end during it. */
  takeDue(now: number): Outgoing | undefined {
    if (this.#dueAt > now) return undefined;
    this.#giveUp('expires_at <= ? OR attempts >= ?', now, ATTEMPTS_MAX);
    const select = 'SELECT id AS row, event AS id, body, attempts FROM webhook ORDER BY rowid LIMIT 1';
    const [first] = this.#sql.exec<Record<keyof Outgoing, never>>(select).toArray() as Outgoing[];
    if (first) {
      const dueAt = now + Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** first.attempts);
      this.#sql.exec('UPDATE webhook SET attempts = attempts + 1, due_at = ? WHERE id = ?', dueAt, first.row);
    }
    this.#dueAt = this.#readDueAt();
    return first;
  }

  taken({ row }: Outgoing): void {
    this.#sql.exec('DELETE FROM webhook WHERE id = ?', row);
    this.#dueAt = this.#readDueAt();
  }

  /** The storage was deleted. */
  reset(): void {
    this.#exists = false;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #giveUp(condition: string, ...values: number[]): void {
    const events = this.#sql.exec(`DELETE FROM webhook WHERE ${condition} RETURNING id`, ...values).toArray().length;
    if (events > 0) log('webhook_given_up', { events });
  }

  #create(): void {
    if (this.#exists) return;
    this.#sql.exec(
      'CREATE TABLE webhook (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, body TEXT, attempts INTEGER, due_at INTEGER, expires_at INTEGER)',
    );
    this.#sql.exec('CREATE TABLE call (id INTEGER PRIMARY KEY, value TEXT NOT NULL)');
    this.#exists = true;
  }

  #readDueAt(): number {
    if (!this.#exists) return Number.POSITIVE_INFINITY;
    const [first] = this.#sql.exec<{ due_at: number }>('SELECT due_at FROM webhook ORDER BY id LIMIT 1').toArray();
    return first?.due_at ?? Number.POSITIVE_INFINITY;
  }
}
