import { DatabaseSync } from 'node:sqlite'
import type { z } from 'zod'
import { RingfenceError } from '../core/errors.ts'
import type { ControlPlane, FunctionChange } from './control-plane.ts'
import type { TokenRecord } from './roles.ts'
import { FUNCTION_RECORD, TOKEN_RECORD, VERSION_SUMMARY } from './stored.ts'
import type { FunctionRecord, FunctionVersion, VersionSummary } from './words.ts'

const FORMAT = 2
/** How long a statement waits for another process that writes. */
const BUSY_MS = 5000

/** What format 2 has besides format 1. Two that open a file at once both find it done. */
const TOKENS = `
CREATE TABLE IF NOT EXISTS tokens (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
PRAGMA user_version = ${FORMAT};
`

const SCHEMA = `
CREATE TABLE functions (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
CREATE TABLE versions (
  function TEXT NOT NULL REFERENCES functions (name) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  hash TEXT NOT NULL,
  summary TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (function, number)
) STRICT;
CREATE INDEX versions_by_hash ON versions (function, hash);
${TOKENS}`

type Row = Readonly<Record<string, unknown>>

/**
 * Keeps functions in one SQLite file, in WAL mode: what has resolved is on the disk, and a killed process leaves the file
 * whole. Throws `RF_BAD_STATE` when the file is not one of ours, or of a later version.
 */
export function sqliteControlPlane(file: string): ControlPlane {
  return new SqliteControlPlane(file)
}

class SqliteControlPlane implements ControlPlane {
  readonly durable = true
  readonly #file: string
  readonly #database: DatabaseSync

  constructor(file: string) {
    this.#file = file
    try {
      this.#database = new DatabaseSync(file, { timeout: BUSY_MS })
      this.#prepareFile()
    } catch (error) {
      if (error instanceof RingfenceError) throw error
      throw this.#unusable(error instanceof Error ? error.message : String(error), error)
    }
  }

  async read(name: string): Promise<FunctionRecord | undefined> {
    const row = this.#database.prepare('SELECT record FROM functions WHERE name = ?').get(name)
    return row && this.#parsed(FUNCTION_RECORD, row, 'record')
  }

  async list(): Promise<readonly FunctionRecord[]> {
    const rows = this.#database.prepare('SELECT record FROM functions ORDER BY name').all()
    return rows.map((row) => this.#parsed(FUNCTION_RECORD, row, 'record'))
  }

  async readVersion(name: string, number: number): Promise<FunctionVersion | undefined> {
    const row = this.#database
      .prepare('SELECT summary, source FROM versions WHERE function = ? AND number = ?')
      .get(name, number)
    return row && { ...this.#parsed(VERSION_SUMMARY, row, 'summary'), source: String(row['source']) }
  }

  async findVersion(name: string, hash: string): Promise<VersionSummary | undefined> {
    const row = this.#database
      .prepare('SELECT summary FROM versions WHERE function = ? AND hash = ? ORDER BY number DESC')
      .get(name, hash)
    return row && this.#parsed(VERSION_SUMMARY, row, 'summary')
  }

  async versions(name: string): Promise<readonly VersionSummary[]> {
    const rows = this.#database
      .prepare('SELECT summary FROM versions WHERE function = ? ORDER BY number DESC')
      .all(name)
    return rows.map((row) => this.#parsed(VERSION_SUMMARY, row, 'summary'))
  }

  async commit({ record, version }: FunctionChange): Promise<boolean> {
    return this.#whole(() => {
      const { name, revision } = record
      const text = JSON.stringify(record)
      const { changes } =
        revision === 1
          ? this.#database.prepare('INSERT OR IGNORE INTO functions VALUES (?, ?, ?)').run(name, revision, text)
          : this.#database
              .prepare('UPDATE functions SET revision = ?, record = ? WHERE name = ? AND revision = ?')
              .run(revision, text, name, revision - 1)
      if (changes === 0) return false
      if (version !== undefined) this.#add(version)
      return true
    })
  }

  async remove(name: string, revision: number): Promise<boolean> {
    return this.#whole(() => {
      const { changes } = this.#database
        .prepare('DELETE FROM functions WHERE name = ? AND revision = ?')
        .run(name, revision)
      return changes > 0
    })
  }

  async readToken(id: string): Promise<TokenRecord | undefined> {
    const row = this.#database.prepare('SELECT record FROM tokens WHERE id = ?').get(id)
    return row && this.#parsed(TOKEN_RECORD, row, 'record')
  }

  async tokens(): Promise<readonly TokenRecord[]> {
    const rows = this.#database.prepare('SELECT record FROM tokens ORDER BY rowid').all()
    return rows.map((row) => this.#parsed(TOKEN_RECORD, row, 'record'))
  }

  async putToken(token: TokenRecord): Promise<void> {
    this.#database.prepare('INSERT OR REPLACE INTO tokens VALUES (?, ?)').run(token.id, JSON.stringify(token))
  }

  async removeToken(id: string): Promise<boolean> {
    return this.#database.prepare('DELETE FROM tokens WHERE id = ?').run(id).changes > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close()
  }

  #add({ source, ...summary }: FunctionVersion): void {
    this.#database
      .prepare('INSERT INTO versions VALUES (?, ?, ?, ?, ?)')
      .run(summary.function, summary.number, summary.hash, JSON.stringify(summary), source)
  }

  /** Does all of a change or nothing of it. */
  #whole(change: () => boolean): boolean {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const done = change()
      this.#database.exec(done ? 'COMMIT' : 'ROLLBACK')
      return done
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #prepareFile(): void {
    // FULL: what is acknowledged is on the disk, and not in the kernel's memory alone.
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    const format = Number(this.#database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (format === FORMAT) return
    if (format === 1) {
      this.#database.exec(`BEGIN IMMEDIATE; ${TOKENS} COMMIT`)
      return
    }
    const tables = this.#database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()
    if (format !== 0 || Number(tables?.['n']) > 0) throw this.#unusable(`it has format ${format}, expected ${FORMAT}`)
    this.#database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`)
  }

  #parsed<Value>(schema: z.ZodType<Value>, row: Row, column: string): Value {
    const text = String(row[column])
    const parsed = schema.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
    throw this.#unusable(`a ${column} is not what ringfence writes: ${text.slice(0, 200)}`, parsed.error)
  }

  #unusable(why: string, cause?: unknown): RingfenceError {
    return new RingfenceError('RF_BAD_STATE', `Cannot use the registry "${this.#file}": ${why}`, { cause })
  }
}
