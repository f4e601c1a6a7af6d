import type { TokenRecord } from './roles.ts'
import type { FunctionRecord, FunctionVersion, VersionSummary } from './words.ts'

/** One change to one function, made as a whole or not at all. */
export interface FunctionChange {
  readonly record: FunctionRecord
  /** A new version that comes with the change. */
  readonly version?: FunctionVersion
}

/**
 * Where functions are kept. Dumb on purpose: what a change means is decided above it (`Registry`), so that every driver
 * behaves the same. What has resolved is kept, whatever happens to the process afterwards, as far as the driver promises it.
 */
export interface ControlPlane extends AsyncDisposable {
  /** Whether a restart finds what was written. */
  readonly durable: boolean
  read(name: string): Promise<FunctionRecord | undefined>
  /** All functions, by name. */
  list(): Promise<readonly FunctionRecord[]>
  readVersion(name: string, number: number): Promise<FunctionVersion | undefined>
  findVersion(name: string, hash: string): Promise<VersionSummary | undefined>
  /** All versions, the newest first. */
  versions(name: string): Promise<readonly VersionSummary[]>
  /**
   * Writes a change if the function is still at the revision before; a record of revision 1 is a new function. Answers
   * whether it was written.
   */
  commit(change: FunctionChange): Promise<boolean>
  /** Forgets a function with all versions, if it is still at this revision. Answers whether it did. */
  remove(name: string, revision: number): Promise<boolean>
  readToken(id: string): Promise<TokenRecord | undefined>
  /** All tokens, the oldest first. */
  tokens(): Promise<readonly TokenRecord[]>
  putToken(token: TokenRecord): Promise<void>
  /** Forgets a token. Answers whether there was one. */
  removeToken(id: string): Promise<boolean>
}
