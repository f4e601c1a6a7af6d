import type { Execution, Limits, TierId, TrustLevel } from '../core/types.ts'
import type { FetchOptions } from '../host/fetch/grant.ts'

/** How long a sandbox of a function serves. */
export interface InstanceSettings {
  /** A fresh sandbox for each call, or sandboxes that serve one call after the other and keep the function's state. */
  readonly mode: 'per-request' | 'per-instance'
  /** Kept warm when idle. */
  readonly min: number
  /** At most so many at once; calls beyond wait. */
  readonly max: number
  /** A sandbox is replaced after so many calls. */
  readonly calls: number
  /** A sandbox above `min` ends when it stands idle for so long. */
  readonly idleMs: number
}

/** What one version of a function is, besides its text. Never changes once deployed. */
export interface VersionSettings {
  readonly trust: TrustLevel
  readonly tier?: TierId
  /** The exported function to call as a Lambda handler, such as `handler` or `api.users`; found by its shape when not given. */
  readonly handler?: string
  /** With `'node'`, it may import the modules of Node that need no host. */
  readonly modules?: 'node'
  readonly limits: Partial<Limits>
  readonly environment: Readonly<Record<string, string>>
  /** What it may fetch; nothing when not given. */
  readonly fetch?: FetchOptions
  readonly instances: InstanceSettings
  /** What whoever deploys it wants to find again, by names of their own; means nothing here. */
  readonly labels?: Readonly<Record<string, string>>
}

/** One deployed text with its settings: immutable, and named by its content. */
export interface FunctionVersion {
  readonly function: string
  readonly number: number
  /** SHA-256 of the text, its file name and its settings, in hexadecimal. */
  readonly hash: string
  readonly filename: string
  readonly source: string
  readonly settings: VersionSettings
  readonly createdAt: string
}

/** A version without its text. */
export type VersionSummary = Omit<FunctionVersion, 'source'>

/** A name that points to a version, and to what it pointed before. */
export interface Alias {
  readonly version: number
  readonly previous?: number
  /** Shares of calls, above 0 and together at most 1, that go to other versions. */
  readonly weights?: Readonly<Record<string, number>>
}

/** Why a function answers nobody. */
export interface FunctionBlock {
  readonly reason: string
  readonly at: string
}

/** At most so many calls in a window of so many seconds, which begins with its first call. */
export interface Rate {
  readonly calls: number
  readonly seconds: number
}

/** What is known of a function as a whole. Names are unique on one host. */
export interface FunctionRecord {
  readonly name: string
  readonly tenant: string
  /** Whether everybody may call it over HTTP, or only who has a token. */
  readonly access: 'public' | 'token'
  /** At most so many calls at once, over all versions; none when 0. */
  readonly concurrency?: number
  readonly rate?: Rate
  readonly aliases: Readonly<Record<string, Alias>>
  /** The number of the newest version. */
  readonly latest: number
  /** Names of secrets, each with its sealed value. */
  readonly secrets: Readonly<Record<string, string>>
  readonly blocked?: FunctionBlock
  readonly createdAt: string
  readonly changedAt: string
  /** Counts changes, so that two at once do not lose each other. */
  readonly revision: number
}

/** How an invocation ended, in words that every function host knows. */
export type InvocationStatus =
  | 'ok'
  | 'user_error'
  | 'init_error'
  | 'timeout_wall'
  | 'timeout_cpu'
  | 'memory'
  | 'output_limit'
  | 'limit'
  | 'killed'
  | 'cancelled'
  | 'rejected'
  | 'blocked'
  | 'throttled'
  | 'rate_limited'
  | 'queue_timeout'
  | 'tier_crashed'

/** What an answer over HTTP begins with. */
export interface HttpHead {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** An answer over HTTP, as a function gave it. */
export interface HttpAnswer extends HttpHead {
  readonly body: Uint8Array<ArrayBuffer>
}

/** What a handler answered. */
export type Answer = { readonly kind: 'json'; readonly text?: string } | ({ readonly kind: 'http' } & HttpAnswer)

/** What became of one call of a function. */
export interface Invocation {
  readonly id: string
  readonly function: string
  readonly version: number
  readonly tenant: string
  readonly status: InvocationStatus
  /** One sentence; absent when it went well. */
  readonly detail?: string
  /** When the next call may get through, where that is known. */
  readonly retryAfterMs?: number
  /** What the handler answered: an answer over HTTP, or JSON, without a text when it answered with nothing. */
  readonly answer?: Answer
  /** The receipt; absent when nothing was run. */
  readonly execution?: Execution
  readonly startedAt: string
  readonly durations: {
    /** Waiting for a turn and a sandbox. */
    readonly queueMs: number
    /** Opening the sandbox; 0 when a warm one served. */
    readonly startMs: number
    readonly runMs: number
    /** Ending what would not end by itself. */
    readonly teardownMs: number
  }
}
