import type { Data, Limits, TierId, TrustLevel, Workload } from '../core/types.ts'
import type { FetchOptions } from '../host/fetch/grant.ts'

/** Where the broker writes what an operator may want to know; a pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** How many sandboxes a loaded program keeps warm, and for how long each may serve. */
export interface PoolOptions {
  /** Kept open even when idle. */
  readonly min: number
  /** Calls beyond this many at once wait their turn. */
  readonly max: number
  /** How long a sandbox above `min` may stand idle. */
  readonly idleMs: number
  /** A sandbox is replaced after this many calls. */
  readonly recycleCalls: number
  /** A sandbox is replaced once it holds this much more than after its first call, where the tier can measure it. */
  readonly recycleGrowthBytes: number
}

/** When a program or a tenant is blocked without anybody having to ask. */
export interface QuarantineOptions {
  /** After so many bad endings: crashed, or over the limit of wall time, CPU time or memory. */
  readonly failures: number
  /** Counted within this time. */
  readonly windowMs: number
  /** What is blocked: the program, by its content hash, or everything of its tenant. */
  readonly scope: 'program' | 'tenant'
}

/** The signals that may be given to the kill switch. */
export type KillSignal = 'SIGUSR2' | 'SIGHUP' | 'SIGQUIT'

/**
 * From when on the host counts as hard pressed: shares of the tightest of its heap, its machine's memory and its cgroup's
 * limit. `high`: less trusted code that asks for much waits, and nothing idle is kept. `critical`: only trusted code is let
 * in. `emergency`: guests are ended, so that the kernel does not choose. Where little is left in bytes, each comes earlier;
 * a level of 1 never comes.
 */
export interface PressureOptions {
  readonly high: number
  readonly critical: number
  readonly emergency: number
  /** An event loop that is late by so much, several times in a row, is `high` pressure as well. */
  readonly eventLoopDelayMs: number
  /** How long somebody waits for a high pressure to fall before they are refused. */
  readonly patienceMs: number
  /**
   * How far the memory limits of the guests that run, trusted ones left out, may exceed the memory that is left in the
   * cgroup; the others queue. With 1, guests cannot use it up whatever they do. Of no effect where no cgroup has a limit.
   */
  readonly overcommit: number
}

/** What a broker may be told when it is made. */
export interface BrokerOptions {
  /** A policy document; it may be stricter than the built-in policy, never weaker. */
  readonly policy?: unknown
  readonly logger?: Logger
  /** How many guests may run at once; the others queue in the order they came. */
  readonly maxConcurrent?: number
  readonly pool?: Partial<PoolOptions>
  readonly pressure?: Partial<PressureOptions>
  /** The trust level of code whose caller names none; `untrusted` when not given. */
  readonly trust?: TrustLevel
  /** Blocks what ends badly again and again, until `unblock`. Off when not given. */
  readonly quarantine?: QuarantineOptions
  /**
   * Where blocks are kept, so that they survive a restart: a JSON file that belongs to this broker alone, in a folder
   * that is there. A broker is not made (`RF_BAD_STATE`) while that file cannot be understood.
   */
  readonly state?: { readonly file: string }
  /** While there is a file of this name, what runs is killed, with its text as the reason, and what comes is refused. */
  readonly killFile?: string
  /** Sent to this process, kills everything and blocks `{ all: true }` until that is unblocked. Sent again, it does so again. */
  readonly killSignal?: KillSignal
}

interface HostCallShape {
  /** Declared as a method, so that a function of narrower parameters, such as `(sku: string) => …`, fits as well. */
  call(...args: Data[]): Data
}

/** A plain function of the host, lent to a guest. It may answer with a promise unless it is to be called synchronously. */
export type HostCall = HostCallShape['call']

/** One thing a schema found wrong with the arguments of a host function. */
export interface ArgumentIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

type Parsed =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly error: { readonly issues: readonly ArgumentIssue[] } }

/** What is needed of a schema for a list of arguments; a zod tuple fits as it is. */
export interface ArgumentsSchema {
  safeParse(args: unknown): Parsed
  safeParseAsync(args: unknown): Promise<Parsed>
}

/** A host function, alone or with what should be known of it. */
export type HostFunctionSpec =
  | HostCall
  | {
      readonly call: HostCall
      /** Whether the guest waits for the answer without yielding. Only some tiers can do this truthfully. */
      readonly sync?: boolean
      /** A schema for the list of arguments; a mismatch is a `TypeError` in the guest and an audit event. */
      readonly args?: ArgumentsSchema
    }

/** A module whose functions are the host's. */
export interface HostModule {
  readonly functions: Readonly<Record<string, HostFunctionSpec>>
}

/** Modules by name: source text, or functions of the host. */
export type ModuleRecord = Readonly<Record<string, string | HostModule>>

/** What is said about a program, however it is then run. */
export interface ProgramOptions {
  readonly trust?: TrustLevel
  readonly workload?: Workload
  /** Asks for this tier; policy grants it when its wall is no weaker than the one required. */
  readonly tier?: TierId
  readonly filename?: string
  readonly kind?: 'module' | 'commonjs' | 'script'
  /** The source map (version 3, JSON) of a text that a bundler or compiler made: errors show what it was made from. */
  readonly sourceMap?: string
  /** What the program may import: source text, or functions of the host; with `'node'`, modules of Node too. */
  readonly modules?: 'node' | ModuleRecord | readonly ['node', ModuleRecord]
  /** Functions of the host, imported by the guest from `host`. */
  readonly functions?: Readonly<Record<string, HostFunctionSpec>>
  /** What it may fetch. Policy must let it, as of a function `ringfence:web/fetch`. */
  readonly fetch?: FetchOptions
  /** Limits lower than those of the trust level. */
  readonly limits?: Partial<Limits>
  /** Who answers for this code. */
  readonly tenant?: string
}

/** What `run` and `start` may be told. */
export interface RunOptions extends ProgramOptions {
  readonly input?: Data
  /** Which export to call; `default` when not given. */
  readonly export?: string
  readonly signal?: AbortSignal
}

/** What `load` may be told. */
export interface LoadOptions extends ProgramOptions {
  readonly pool?: Partial<PoolOptions>
  /** Aborts the loading; calls of the program take signals of their own. */
  readonly signal?: AbortSignal
}

/**
 * What `replace` may be told. What is not said is as it was in the version before, but for the source map, which is that of one
 * text. Trust, tenant, limits and what was lent stay what they are.
 */
export interface ReplaceOptions extends Pick<ProgramOptions, 'filename' | 'kind' | 'sourceMap'> {
  /** The modules passed as text, in place of those there were. */
  readonly modules?: Readonly<Record<string, string>>
  /** Whether the old version's state is handed over, where both can; it is when not given. */
  readonly handOver?: boolean
  /** Gives the new version up, unless it has taken over. */
  readonly signal?: AbortSignal
}

/** How long a session may last. */
export interface SessionLimits {
  /** It ends when nobody has called it for so long. */
  readonly idleMs: number
  /** It ends after so many calls. */
  readonly calls: number
  /** It ends once its calls have used so much CPU time together; wall time in a tier that does not meter CPU time. */
  readonly cpuMs: number
}

/** What `open` may be told. */
export interface OpenOptions extends ProgramOptions {
  readonly session?: Partial<SessionLimits>
  /** Aborts the opening; calls of the session take signals of their own. */
  readonly signal?: AbortSignal
}

/** What one call of a session may be told. */
export type SessionCallOptions = Omit<CallOptions, 'export'>

/** What `evaluate` may be told. */
export interface EvaluateOptions extends SessionCallOptions {
  /** What errors call the text. Its ending tells TypeScript from JavaScript. */
  readonly filename?: string
}

/** What one call of a loaded program may be told. */
export interface CallOptions {
  readonly export?: string
  readonly signal?: AbortSignal
  /** Limits lower than the program's, for this call alone. */
  readonly limits?: Partial<Omit<Limits, 'sourceBytes'>>
}
