/** The contract between the broker and its tiers. Types only. */
import type { IsolationReport } from './isolation.ts'
import type { GuestError, Limits, LogEntry, TierId, Traits, TrustLevel, Workload } from './types.ts'

/** A program as every tier takes it: one script, and what a kernel needs to know of it. Made by `prepare`. */
export interface ProgramText {
  /** SHA-256 of everything that decides what runs, in hexadecimal. */
  readonly hash: string
  /** A classic script whose completion value is the program's table of modules. */
  readonly script: string
}

/** A function the host lends to a guest. Takes and gives encoded text; never rejects for what a guest sends. */
export interface HostFunction {
  readonly sync: boolean
  /** Present where a kernel calls it of its own accord: programs are not shown it, and `hostCalls` does not count it. */
  readonly ofKernel?: true
  /** Answers encoded text; a rejection (or a throw) reaches the guest as name and message only. */
  invoke(args: string, signal: AbortSignal): string | Promise<string>
}

/** The only door out of a sandbox: functions by `module/function`, and nothing else to look up. */
export type HostFunctions = ReadonlyMap<string, HostFunction>

/** Code about to run, with everything policy allowed it. */
export interface Guest {
  readonly program: ProgramText
  readonly limits: Limits
  readonly functions: HostFunctions
  readonly workload: Workload
  readonly trust: TrustLevel
  /** Who answers for the code: what it shares with other guests may depend on it. */
  readonly tenant: string
  /** Present where the code may make no code from strings. */
  readonly codeFromStrings?: 'refuse'
  /** Present where its host evaluates texts in it, which may name anything: calls of the export `EVALUATE`. */
  readonly evaluates?: true
  /** Present where modules of Node are offered. */
  readonly offersNode?: true
}

/** One call into a sandbox. `input` is encoded text. */
export interface SandboxCall {
  readonly exportName: string
  readonly input: string
  /** At most those of the guest. */
  readonly limits: Pick<Limits, 'wallMs' | 'cpuMs'>
  /** Whether the call may end as `crashed` with `started: false`, or after its start as `displaced`, to be made once more elsewhere. */
  readonly mayMove: boolean
  onLog(entry: LogEntry): void
  /** The guest starts on it now. Told at once, or later where it waits behind another call. */
  onStart?(): void
  /** The guest is done with it, and may start on the next one in this same moment. `usage` is what this one used. */
  onDone?(usage: SandboxUsage): void
}

/** How a call ended, as far as the tier knows; `text` is the encoded result. */
export type Ending =
  | { readonly kind: 'returned'; readonly text: string }
  | { readonly kind: 'threw'; readonly error: GuestError }
  | { readonly kind: 'exceeded'; readonly limit: keyof Limits }
  | { readonly kind: 'crashed'; readonly detail: string; readonly started: boolean }
  /** It had no effect: it waited behind another call and never started, or its carrier was ended on account of a neighbour. */
  | { readonly kind: 'displaced' }

/** What one sandbox has used. Absent means "this tier cannot measure it". */
export interface SandboxUsage {
  /** CPU time of the current or last call. */
  readonly cpuMs?: number
  /** Memory held now, and the highest seen during the current or last call. */
  readonly memoryBytes?: number
  readonly peakMemoryBytes?: number
}

/** The place where one guest lives. May be called again while warm, and serves one call at a time; once it ended badly, never. */
export interface Sandbox extends AsyncDisposable {
  /** False once the sandbox was killed, crashed or reached a limit: it must not be called again. */
  readonly reusable: boolean
  /** How many calls may now be given to it to wait behind one under way, those included that wait already. None if absent. */
  readonly ahead?: number
  /** Calls the guest once. Never rejects for what the guest does; settles with `crashed` when killed. */
  run(call: SandboxCall): Promise<Ending>
  usage(): SandboxUsage
  /** Takes a waiting call back: it ends as `displaced`, unless it starts first. Without a call, takes all back. */
  withdraw?(call?: SandboxCall): void
  /**
   * Ends the guest whatever it is doing. Idempotent; resolves once nothing of it runs any more, or once its carrier is given
   * up, which `watchLosses` tells.
   */
  kill(): Promise<void>
}

/** One thread or process a tier keeps, for `broker.stats()`. */
export interface CarrierStats {
  readonly pid?: number
  readonly threadId?: number
  readonly sandboxes: number
  readonly residentBytes?: number
  /** It was told to end and does not: its guest still runs, and holds a core, until this process ends. */
  readonly lost?: true
}

export interface Tier extends AsyncDisposable {
  readonly id: TierId
  readonly traits: Traits
  /**
   * Opens a sandbox with the guest's program loaded but not yet run. Rejects with a `RingfenceError` when no carrier can be had.
   * A tier with several sandboxes in one carrier does not choose the carrier of `apartFrom`, which is not to be lost through
   * this guest, unless there can be no other.
   */
  open(guest: Guest, signal: AbortSignal, apartFrom?: Sandbox): Promise<Sandbox>
  carriers(): readonly CarrierStats[]
  /** Has somebody told of each carrier that was to end and does not, for a tier to which that can happen. */
  watchLosses?(onLost: (carrier: CarrierStats) => void): void
  /** While on, nothing stands ready for guests to come, and what serves nobody ends. For a host short of memory. */
  economise?(on: boolean): void
  /** What the operating system adds to this tier's wall here. Observed when first asked, then known; never rejects. */
  isolation(): Promise<IsolationReport>
}
