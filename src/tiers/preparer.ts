import { availableParallelism } from 'node:os'
import { RingfenceError } from '../core/errors.ts'
import { forgetIfStill, type Owner, ownerKey, remember } from '../program/cache.ts'
import type { Failed, PrepareOptions } from '../program/prepare.ts'
import { type CheckedOptions, checkOptions } from '../program/prepare-options.ts'
import type { Preparer } from '../program/preparer.ts'
import { type PreparedData, preparedOf } from '../program/program-data.ts'
import { Compiler } from './compiler.ts'
import { CrashLoop } from './crash-loop.ts'
import { keyOf, type Sharing } from './isolate/lease.ts'

/** Some 60 MB each. Who needs one more waits. */
const MAX_COMPILERS = Math.max(4, 2 * availableParallelism())
/** How long a compiler is kept that nobody uses; one for each level of trust is kept for good where they are shared so. */
const IDLE_MS = 30_000
/** How long a failure to look at a text is believed: that the machine had no process to spare is no fault of the text. */
const BELIEVED_MS = 1000
/** How many compilers a text may take with it. */
const ATTEMPTS = 2

interface Job {
  readonly key: string
  readonly tenant: string
  readonly source: string
  readonly options: CheckedOptions
  /** Nobody waits for it any more once this is aborted. */
  readonly signal: AbortSignal
  readonly done: (made: Made) => void
}

/** What became of a text, and whether that is a matter of the text alone, which can be remembered. */
interface Made {
  readonly prepared: PreparedData | Failed
  readonly lasting: boolean
}

const NEVER = new AbortController().signal

/** A compiler, and whose texts it takes: it never takes any others. */
interface Lease {
  readonly compiler: Compiler
  readonly key: string
  /** Whose text it has now. */
  tenant: string | undefined
  idle: NodeJS.Timeout | undefined
}

/** Compilers in child processes of their own, shared by those who may share an isolate host, and by nobody else. */
export const compilerPool = (sharing: Sharing = 'trust'): Preparer => new CompilerPool(sharing)

/**
 * ATTACK: a text with which the native parser can be taken over. In a compiler that all share, it would decide from then on
 * what becomes of others' programs; and a text that takes seconds would hold up everybody's.
 */
class CompilerPool implements Preparer {
  readonly #sharing: Sharing
  readonly #leases = new Set<Lease>()
  /** Those on their way out still count. */
  readonly #leaving = new Set<Promise<void>>()
  readonly #jobs: Job[] = []
  /** When each tenant had its last turn, of those that have texts waiting. */
  readonly #turns = new Map<string, number>()
  readonly #loop = new CrashLoop('compilers')
  #turn = 0
  #count = 0
  #closed = false

  constructor(sharing: Sharing) {
    this.#sharing = sharing
  }

  async prepare(source: string, given: PrepareOptions, whose: Owner, signal: AbortSignal = NEVER): Promise<void> {
    const options = checkOptions(source, given)
    const owner = ownerKey(whose)
    const key = keyOf(whose, this.#sharing, this.#count++)
    const made = await this.#queue({ key, tenant: whose.tenant, source, options, signal })
    if (made === undefined) return
    const { prepared: data, lasting } = made
    const prepared = data.kind === 'failed' ? data : preparedOf(data, source, options)
    remember(source, options, owner, prepared)
    if (!lasting) setTimeout(() => forgetIfStill(source, options, owner, prepared), BELIEVED_MS).unref()
  }

  /** Answers what became of a text, or undefined as soon as nobody waits for it any more. */
  #queue(text: Omit<Job, 'done'>): Promise<Made | undefined> {
    const { signal } = text
    if (signal.aborted) return Promise.resolve(undefined)
    const { promise, resolve } = Promise.withResolvers<Made | undefined>()
    const job: Job = { ...text, done: resolve }
    const leave = (): void => {
      const at = this.#jobs.indexOf(job)
      if (at >= 0) this.#jobs.splice(at, 1)
      resolve(undefined)
    }
    signal.addEventListener('abort', leave, { once: true })
    this.#jobs.push(job)
    this.#serve()
    return promise.finally(() => signal.removeEventListener('abort', leave))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const lease of this.#leases) this.#end(lease)
    await Promise.all(this.#leaving)
    for (const job of this.#jobs.splice(0)) job.done(CLOSED)
  }

  /**
   * Gives compilers to whoever can have one: first to the tenant who had one longest ago, and to nobody two at once, so that
   * nobody takes all.
   */
  #serve(): void {
    if (this.#closed) return
    const busy = new Set(Array.from(this.#leases, ({ tenant }) => tenant))
    const turnOf = ({ tenant }: Job): number => this.#turns.get(tenant) ?? 0
    for (const job of this.#jobs.toSorted((a, b) => turnOf(a) - turnOf(b))) {
      const lease = busy.has(job.tenant) ? undefined : this.#leaseFor(job.key)
      if (lease === undefined) continue
      busy.add(job.tenant)
      this.#jobs.splice(this.#jobs.indexOf(job), 1)
      void this.#compile(lease, job)
    }
    if (this.#jobs.length === 0) this.#turns.clear()
  }

  #leaseFor(key: string): Lease | undefined {
    const idle = [...this.#leases].filter(({ tenant }) => tenant === undefined)
    const own = idle.find((lease) => lease.key === key)
    if (own !== undefined) return own
    const total = this.#leases.size + this.#leaving.size
    if (total >= MAX_COMPILERS) {
      // One that is out of use makes room; whoever waits is served once it is gone.
      const [longest] = idle
      if (longest !== undefined && this.#leaving.size === 0) this.#end(longest)
      return undefined
    }
    const lease: Lease = { compiler: new Compiler(), key, tenant: undefined, idle: undefined }
    this.#leases.add(lease)
    return lease
  }

  async #compile(lease: Lease, job: Job): Promise<void> {
    lease.tenant = job.tenant
    this.#turns.set(job.tenant, ++this.#turn)
    clearTimeout(lease.idle)
    job.done(await this.#make(lease.compiler, job))
    lease.tenant = undefined
    if (this.#closed) return
    if (this.#sharing === 'none') this.#end(lease)
    else this.#keep(lease)
    this.#serve()
  }

  /** A text under which a compiler dies is given to another one, since it may have died of something else. Never rejects. */
  async #make(compiler: Compiler, { source, options, signal }: Job): Promise<Made> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (!compiler.isRunning) await this.#loop.start(() => compiler.start())
      } catch (error) {
        return this.#closed ? CLOSED : notStarted(error)
      }
      this.#loop.thrived()
      const compiled = await compiler.compile(source, options, signal)
      if (compiled.kind === 'done') return { prepared: compiled.data, lasting: true }
      if (compiled.kind === 'refused') return { prepared: faulty(compiled.why), lasting: false }
      if (attempt === ATTEMPTS) return crashed(`the compiler died under it ${ATTEMPTS} times: ${compiled.cause}`)
    }
  }

  /** The last to be used is the last to be given up. */
  #keep(lease: Lease): void {
    this.#leases.delete(lease)
    this.#leases.add(lease)
    lease.idle = setTimeout(() => {
      const isLast = ![...this.#leases].some((other) => other !== lease && other.key === lease.key)
      if (this.#sharing !== 'trust' || !isLast) this.#end(lease)
    }, IDLE_MS).unref()
  }

  #end(lease: Lease): void {
    clearTimeout(lease.idle)
    this.#leases.delete(lease)
    const ended = lease.compiler[Symbol.asyncDispose]().finally(() => {
      this.#leaving.delete(ended)
      this.#serve()
    })
    this.#leaving.add(ended)
  }
}

const faulty = (why: string): PreparedData => ({
  kind: 'invalid',
  error: { name: 'SyntaxError', message: `Cannot parse program: ${why}` },
})

const crashed = (why: string): Made => ({
  prepared: { kind: 'failed', outcome: { kind: 'crashed', detail: `Cannot prepare program: ${why}` } },
  lasting: false,
})

const CLOSED: Made = crashed('its broker was closed')

/** In a crash loop nothing is tried, and so nothing has crashed. */
const notStarted = (error: unknown): Made => {
  const why = error instanceof Error ? error.message : String(error)
  if (!(error instanceof RingfenceError) || error.code !== 'RF_CRASH_LOOP') return crashed(why)
  return { prepared: { kind: 'failed', outcome: { kind: 'refused', reason: why } }, lasting: false }
}
