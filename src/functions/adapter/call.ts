/** What the host says of one call. */
export interface GivenCall {
  readonly as: 'http' | 'json'
  readonly handler?: string
  readonly environment: Readonly<Record<string, string>>
  /** What `process.env` has besides: what Lambda tells its functions of themselves. */
  readonly lambda: Readonly<Record<string, string>>
  readonly request: {
    readonly url: string
    readonly method: string
    readonly headers: [string, string][]
    readonly body: Uint8Array<ArrayBuffer>
  }
  /** For a handler of the Lambda kind. */
  readonly event: unknown
  /** For a plain function: this, or what is written here in JSON. */
  readonly input?: unknown
  readonly inputJson?: string
  readonly context: Readonly<Record<string, unknown>> & { readonly awsRequestId: string }
  /** How long it may take from when it begins here. */
  readonly wallMs: number
}

/** A call that has begun. */
export interface Call extends GivenCall {
  readonly deadline: number
}

/** A call whose time begins to run. */
export const begun = (call: GivenCall): Call => ({ ...call, deadline: Date.now() + call.wallMs })

export type Handler = (...args: readonly unknown[]) => unknown
export type Module = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Module => typeof value === 'object' && value !== null
export const isHandler = (value: unknown): value is Handler => typeof value === 'function'

/** Written here, inside the limits: what is small in memory may be endless once written out. */
export const jsonOf = (value: unknown): string | undefined => JSON.stringify(value)

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
