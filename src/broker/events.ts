import type { Execution, Scope, TierId, TrustLevel } from '../core/types.ts'
import type { Asked } from '../host/fetch/question.ts'
import type { ArgumentIssue, Logger } from './options.ts'
import type { Pressure, PressureLevel } from './pressure-level.ts'
import type { SessionEnding } from './session-ending.ts'
import { described } from './shape.ts'

/** A guest passed 80 % of its memory limit. Told at most once for each execution. */
export interface MemoryEvent {
  /** Of the execution. */
  readonly id: string
  readonly trust: TrustLevel
  readonly tenant: string
  readonly tier?: TierId
  /** The hash of the program. */
  readonly program?: string
  readonly memoryBytes: number
  readonly limitBytes: number
}

/** A guest called a host function with arguments its schema does not allow. */
export interface ArgumentMismatchEvent {
  readonly kind: 'argument-mismatch'
  /** Of the execution. */
  readonly id: string
  /** As `module/function`. */
  readonly function: string
  readonly issues: readonly ArgumentIssue[]
}

/** A guest asked a server for something, or wanted to. Each redirection that is followed is told apart. */
export interface FetchEvent extends Asked {
  readonly kind: 'fetch'
  /** Of the execution. */
  readonly id: string
}

/** What a guest did with what it was lent. */
export type AuditEvent = ArgumentMismatchEvent | FetchEvent

/** A program or a tenant was blocked because it ended badly too often. */
export interface QuarantineEvent {
  /** What `unblock` takes to lift it. */
  readonly scope: Scope
  readonly reason: string
}

/** A thread of a tier was told to end and does not: its guest still runs, and holds a core, until this process ends. */
export interface LostEvent {
  readonly tier: TierId
  readonly threadId?: number
}

/** The host is harder pressed than before, or less. */
export interface PressureEvent extends Pressure {
  readonly before: PressureLevel
}

/** A session ended, and nothing of it runs any more. */
export interface SessionEvent {
  readonly id: string
  readonly trust: TrustLevel
  readonly tenant: string
  readonly tier?: TierId
  /** The hash of the program. */
  readonly program?: string
  readonly ending: SessionEnding
}

/** What a broker tells, by name. */
export interface BrokerEvents {
  readonly memory: MemoryEvent
  readonly audit: AuditEvent
  readonly quarantined: QuarantineEvent
  readonly pressure: PressureEvent
  readonly lost: LostEvent
  readonly session: SessionEvent
  /** An execution ended; the event is its receipt. */
  readonly ended: Execution
}

type Listeners = { readonly [Name in keyof BrokerEvents]: Map<symbol, (event: BrokerEvents[Name]) => void> }

/** Tells listeners what happened. A listener that throws is logged and harms nobody else. */
export class Events {
  readonly #listeners: Listeners = {
    memory: new Map(),
    audit: new Map(),
    quarantined: new Map(),
    pressure: new Map(),
    lost: new Map(),
    session: new Map(),
    ended: new Map(),
  }
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Listens until the answer is called. */
  on<Name extends keyof BrokerEvents>(name: Name, listener: (event: BrokerEvents[Name]) => void): () => void {
    if (!Object.hasOwn(this.#listeners, name)) {
      throw new TypeError(`Cannot listen: there is no event ${described(name)}`)
    }
    if (typeof listener !== 'function') {
      throw new TypeError(`Cannot listen: the listener must be a function, received ${described(listener)}`)
    }
    const listeners = this.#listeners[name]
    const key = Symbol(name)
    listeners.set(key, listener)
    return () => void listeners.delete(key)
  }

  /** Tells everybody who listens. */
  emit<Name extends keyof BrokerEvents>(name: Name, event: BrokerEvents[Name]): void {
    for (const listener of this.#listeners[name].values()) {
      try {
        listener(event)
      } catch (err) {
        this.#logger.error({ err, event: name }, 'A listener threw')
      }
    }
  }
}
