import type { IsolationReport } from '../core/isolation.ts'
import type { Data, Execution, LogEntry, PolicyDecision, Scope, TierId, Usage } from '../core/types.ts'
import type { BrokerEvents } from './events.ts'
import type { Block } from './kill-switch.ts'
import type {
  CallOptions,
  EvaluateOptions,
  LoadOptions,
  OpenOptions,
  ReplaceOptions,
  RunOptions,
  SessionCallOptions,
} from './options.ts'
import type { Pressure } from './pressure-level.ts'
import type { Replacement } from './replacement.ts'
import type { SessionEnding } from './session-ending.ts'
import type { SessionUsage } from './session-usage.ts'
import type { BrokerStats } from './stats.ts'

/** What the operating system adds to one tier's wall. */
export interface TierIsolation extends IsolationReport {
  readonly tier: TierId
}

/** An execution under way. */
export interface Running {
  readonly id: string
  /** Where it runs; absent when policy refused it. */
  readonly tier: TierId | undefined
  /** The receipt. Never rejects: whatever happens is an outcome. */
  readonly result: Promise<Execution>
  /**
   * What its guest writes, line by line as it comes; ends with it. Holds no more than the receipt will, which `logBytes`
   * bounds, and loses nothing, however slowly it is read and by how many.
   */
  readonly logs: AsyncIterable<LogEntry>
  /** What it cost so far. */
  usage(): Usage
  /**
   * Ends it, unless it has ended already. Resolves once nothing of the guest runs any more; or, in the tier `worker`, once
   * its thread was given up after 2 s, being held by a built-in that no interrupt stops: then it is still running, the event
   * `lost` tells so, and only the end of this process ends it.
   */
  kill(reason: string): Promise<void>
}

/**
 * An execution whose result comes chunk by chunk, while its guest runs: each that the iterable gives which the guest's function
 * answered with. It is read once, as a generator is; the iteration ends with the receipt, however the guest ended, and who
 * wants to know whether all has come looks at the outcome. Who does not read holds the guest up, which stays under its limits.
 */
export interface RunningStream extends Running, AsyncIterable<Data>, AsyncDisposable {
  /** The next chunk, or the receipt once there is none. */
  next(): Promise<IteratorResult<Data, Execution>>
  /** Wants no more: the guest's iterable is closed when it gives its next chunk. Resolves once nothing of the guest runs any more. */
  return(): Promise<IteratorResult<Data, Execution>>
  [Symbol.asyncIterator](): RunningStream
}

/**
 * A program kept ready in warm sandboxes. Calls may share a sandbox one after the other, and with it the program's global
 * state. Owned by whoever loaded it: disposing of it ends its calls and closes its sandboxes.
 */
export interface LoadedProgram extends AsyncDisposable {
  /**
   * The content hash of the version that serves; absent when its source was refused or cannot be parsed, which every call
   * then says.
   */
  readonly hash: string | undefined
  /** What policy decided about that version, once for all its calls. */
  readonly decision: PolicyDecision
  /** Calls an export and waits for the receipt. */
  call(input?: Data, options?: CallOptions): Promise<Execution>
  /** Calls an export. */
  start(input?: Data, options?: CallOptions): Running
  /**
   * Has another text take over, once it was prepared, policy let it, and it ran in as many warm sandboxes as the pool keeps.
   * Calls made before that finish on the old version, and so do all if the new one fails: the answer says where. With
   * `pool.max: 1`, what the old version's `export function dispose()` returns is handed to the new one's
   * `export function accept(state)`, and calls wait meanwhile. Replacements are made one after the other.
   */
  replace(source: string, options?: ReplaceOptions): Promise<Replacement>
  /** Calls an export that answers with an iterable, and gives what that gives. */
  stream(input?: Data, options?: CallOptions): RunningStream
}

/**
 * One sandbox that keeps its state from call to call. Its calls run one after the other, each with limits and a receipt of
 * its own. A call that ends otherwise than by returning or throwing ends the session, and what it kept is gone; whoever
 * calls it then gets `RF_SESSION_ENDED`, which says why. Owned by whoever opened it.
 */
export interface Session extends AsyncDisposable {
  readonly id: string
  /** What policy decided about the program that serves. Each text that is evaluated is decided on as well. */
  readonly decision: PolicyDecision
  readonly state: 'idle' | 'busy' | 'ended'
  /** Why it ended, once nothing of it runs any more. Never rejects. */
  readonly ended: Promise<SessionEnding>
  /** Calls an export of its program. */
  call(exportName: string, input?: Data, options?: SessionCallOptions): Promise<Execution>
  /** Calls an export that answers with an iterable, and gives what that gives. Other calls wait until it has ended. */
  stream(exportName: string, input?: Data, options?: SessionCallOptions): RunningStream
  /**
   * Evaluates a text, in JavaScript or TypeScript, as a prompt does: it may await, its last value is returned, and what it
   * declares at its top level is there for later texts, which may declare it anew.
   */
  evaluate(text: string, options?: EvaluateOptions): Promise<Execution>
  /**
   * Has another program take over, in a sandbox of its own, once it was prepared, policy let it, and it ran. Then it takes its
   * turn among the calls: those before it are calls of the old program, those after it of the new one, or of the old one if
   * the new one fails; the answer says where. What the old program's `export function dispose()` returns is handed to the
   * new one's `export function accept(state)`; all else that the session kept is gone, also what texts declared.
   */
  replace(source: string, options?: ReplaceOptions): Promise<Replacement>
  /** What its calls have used so far. */
  usage(): SessionUsage
  /** Ends it. Resolves once nothing of it runs any more (as `Running.kill`). */
  kill(reason: string): Promise<void>
  /** Ends it, its calls as killed. */
  close(): Promise<void>
}

/**
 * Runs code its host did not write, each piece behind the wall policy chooses for it.
 *
 * What a guest does is an outcome in a receipt. What the caller does wrong is thrown: `TypeError` for the shape of an
 * option, `RangeError` for its value, and `RingfenceError` for the rest.
 */
export interface Broker extends AsyncDisposable {
  /** Runs a program in a fresh sandbox and waits for the receipt. */
  run(source: string, options?: RunOptions): Promise<Execution>
  /** Runs a program in a fresh sandbox. */
  start(source: string, options?: RunOptions): Running
  /** Runs a program in a fresh sandbox whose function answers with an iterable, and gives what that gives. */
  stream(source: string, options?: RunOptions): RunningStream
  /** Prepares a program for many calls. Rejects when no sandbox can be opened for it. */
  load(source: string, options?: LoadOptions): Promise<LoadedProgram>
  /** Opens a sandbox that keeps its state from call to call. Rejects when none can be opened. */
  open(source?: string, options?: OpenOptions): Promise<Session>
  /** Says what policy would decide, without running anything. */
  explain(source: string, options?: RunOptions): PolicyDecision
  /** Ends what runs or waits in the scope. Resolves once nothing of it runs any more (as `Running.kill`), with how many were ended. */
  kill(scope: Scope, reason: string): Promise<number>
  /**
   * As `kill`, and refuses what comes until `unblock`. With the option `state`, resolves once a restart would find the
   * block, and rejects with `RF_STATE_NOT_SAVED` when it would not: then it holds for as long as the broker is open.
   */
  block(scope: Scope, reason: string): Promise<number>
  /**
   * Lifts the block of exactly this scope, whoever made it. Answers whether there was one. With the option `state`, the
   * scope stays blocked until a restart would not find it so; a kill file is lifted by removing it.
   */
  unblock(scope: Scope): Promise<boolean>
  /** Every block there is, with who made it. */
  blocked(): readonly Block[]
  /**
   * What the operating system adds to each tier's wall on this machine, observed from inside it, and what is missing for
   * more. Starts the tiers' children when asked first.
   */
  isolation(): Promise<readonly TierIsolation[]>
  /** How hard pressed the host is, which is known without a reading. */
  readonly pressure: Pressure
  /** How the broker and its host stand. The event loop's delay is measured from one reading to the next. */
  stats(): BrokerStats
  /** Listens to an event until the answer is called. */
  on<Name extends keyof BrokerEvents>(name: Name, listener: (event: BrokerEvents[Name]) => void): () => void
  /** Ends everything, disposes of the tiers, and resolves when nothing is left, but for threads that are `lost`. */
  close(): Promise<void>
}
