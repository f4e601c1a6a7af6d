/** The words of the project. Types only; imports nothing. Units are part of the names. */

/** A value that means the same in every tier: what structured clone carries, encoded by our one codec. */
export type Data = unknown
export type TrustLevel = 'trusted' | 'limited' | 'untrusted' | 'hostile'
export type TierId = 'vm' | 'isolate' | 'worker' | 'process'
/** What the code does with a core: answer soon, or compute for long. */
export type Workload = 'light' | 'cpu'
/** What a tier truly guarantees. Policy matches needs against traits; it never asks for a name. */
export interface Traits {
  /** The wall around the guest. A `realm` or a `thread` keeps order; it does not hold a hostile guest. */
  readonly boundary: 'realm' | 'thread' | 'isolate' | 'process'
  /** Who stops a guest over its memory limit: the engine at once, we after noticing, or we once it yields. */
  readonly memory: 'enforced' | 'polled' | 'between-turns'
  /** Whether CPU time is metered while the guest runs, or its turns are bounded by wall time alone. */
  readonly cpu: 'metered' | 'wall'
  /** Whether a guest that never yields can be stopped while the host goes on working. */
  readonly preemptible: boolean
  /** Whether built-ins that nothing inside a process can stop still end, by the death of their process. */
  readonly stopsBuiltins: boolean
  /** Whether a guest may call a host function and wait for it without yielding. */
  readonly syncFunctions: boolean
}
/** How strong the operating system's walls around a carrier are, weakest first: by what was seen denied inside them. */
export type IsolationLevel = 'none' | 'basic' | 'good' | 'strong'
/** The operating system's part of the wall around a guest, and the layers it is made of. */
export type Isolation = { readonly level: IsolationLevel; readonly layers: readonly string[] }

/** Hard ceilings. A guest that reaches one is ended, and the outcome names which. */
export interface Limits {
  readonly wallMs: number
  readonly cpuMs: number
  readonly memoryBytes: number
  readonly outputBytes: number
  readonly logBytes: number
  /** How many calls of host functions one execution may make. */
  readonly hostCalls: number
  /** How long a stream may give no chunk while more is wanted. */
  readonly idleMs: number
  readonly sourceBytes: number
  readonly inputBytes: number
}
/** What an execution cost so far. Absent means "this tier cannot measure it"; zero means zero. `wallMs` ends with its outcome. */
export interface Usage {
  readonly wallMs: number
  readonly cpuMs?: number
  readonly peakMemoryBytes?: number
  readonly outputBytes: number
  /** Waiting for admission and a sandbox, opening that (zero for a warm one), and ending what would not end by itself. */
  readonly queuedMs: number
  readonly startMs: number
  readonly teardownMs: number
}
export type LogLevel = 'debug' | 'log' | 'info' | 'warn' | 'error'
/** One line a guest wrote to its console; `at` is in milliseconds since the epoch. */
export type LogEntry = { readonly level: LogLevel; readonly text: string; readonly at: number }

/** Why policy decided so, in the order its rules spoke. */
export type Reason = { readonly rule: string; readonly message: string }
export type PolicyDecision = { readonly trust: TrustLevel; readonly because: readonly Reason[] } & (
  | { readonly verdict: 'refuse' }
  | {
      readonly verdict: 'route'
      readonly tier: TierId
      readonly workload: Workload
      readonly limits: Limits
      /** The least that the operating system must add to the tier's wall. */
      readonly isolation: IsolationLevel
      /** Names of the host functions granted, as `module/function`. */
      readonly capabilities: readonly string[]
      readonly codeFromStrings?: 'refuse'
    }
)

/** An error thrown by the guest: text and data only, since its objects must not reach the host. */
export interface GuestError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string | number
  /** Its own enumerable properties besides, as far as they are data. */
  readonly data?: Readonly<Record<string, Data>>
  readonly cause?: GuestError
  readonly errors?: readonly GuestError[]
  /** Where in the caller's source, one-based, when known. */
  readonly location?: { readonly file: string; readonly line: number; readonly column: number }
  readonly codeFrame?: string
}

/** How an execution ended. Exactly one of these, always; a guest cannot make the host throw. */
export type Outcome =
  | { readonly kind: 'returned'; readonly value: Data }
  | { readonly kind: 'threw'; readonly error: GuestError }
  | { readonly kind: 'exceeded'; readonly limit: keyof Limits }
  | { readonly kind: 'killed'; readonly by: KilledBy; readonly reason: string }
  | { readonly kind: 'crashed'; readonly detail: string }
  | { readonly kind: 'refused'; readonly reason: string }
/** Who ended it: its own handle, an AbortSignal, a kill switch, a host out of memory, or the broker's closing. */
export type KilledBy = 'handle' | 'signal' | 'switch' | 'pressure' | 'close'

/** The receipt of one execution. `tier` is absent when policy refused. */
export interface Execution {
  readonly id: string
  readonly tier?: TierId
  readonly trust: TrustLevel
  /** What the operating system added to the tier's wall; level `none` where nothing ran. */
  readonly isolation: Isolation
  readonly decision: PolicyDecision
  readonly outcome: Outcome
  readonly usage: Usage
  readonly logs: readonly LogEntry[]
}

/** What a kill switch reaches. */
export type Scope =
  | { readonly all: true }
  | { readonly tier: TierId }
  | { readonly trust: TrustLevel }
  | { readonly tenant: string }
  | { readonly program: string }
