import { availableParallelism } from 'node:os'
import { forgetIfStill, type Owner, ownerKey, remember } from '../program/cache.ts'
import type { PrepareOptions } from '../program/prepare.ts'
import { type CheckedOptions, checkOptions } from '../program/prepare-options.ts'
import type { Preparer } from '../program/preparer.ts'
import { type PreparedData, preparedOf } from '../program/program-data.ts'
import { Compiler } from './compiler.ts'
import { keyOf, type Sharing } from './isolate/lease.ts'

/** Some 60 MB each. Who needs one more waits. */
const MAX_COMPILERS = Math.max(4, 2 * availableParallelism())
/** How long a compiler is kept that nobody uses; one for each level of trust is kept for good where they are shared so. */
const IDLE_MS = 30_000
/** How long a failure to look at a text is believed: that the machine had no process to spare is no fault of the text. */
const BELIEVED_MS = 1000

interface Job {
  readonly key: string
  readonly tenant: string
  readonly source: string
  readonly options: CheckedOptions
  readonly done: (data: PreparedData | string) => void
}

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
  #turn = 0
  #count = 0
  #closed = false

  constructor(sharing: Sharing) {
    this.#sharing = sharing
  }

  async prepare(source: string, given: PrepareOptions, whose: Owner): Promise<void> {
    const options = checkOptions(source, given)
    const owner = ownerKey(whose)
    const key = keyOf(whose, this.#sharing, this.#count++)
    const data = await new Promise<PreparedData | string>((done) => {
      this.#jobs.push({ key, tenant: whose.tenant, source, options, done })
      this.#serve()
    })
    const prepared = preparedOf(typeof data === 'string' ? failure(data) : data, source, options)
    remember(source, options, owner, prepared)
    if (typeof data === 'string') {
      setTimeout(() => forgetIfStill(source, options, owner, prepared), BELIEVED_MS).unref()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const lease of this.#leases) this.#end(lease)
    await Promise.all(this.#leaving)
    for (const job of this.#jobs.splice(0)) job.done('its broker was closed')
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

  async #compile(lease: Lease, { tenant, source, options, done }: Job): Promise<void> {
    lease.tenant = tenant
    this.#turns.set(tenant, ++this.#turn)
    clearTimeout(lease.idle)
    done(await lease.compiler.compile(source, options))
    lease.tenant = undefined
    if (this.#closed) return
    if (this.#sharing === 'none') this.#end(lease)
    else this.#keep(lease)
    this.#serve()
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

const failure = (why: string): PreparedData => ({
  kind: 'invalid',
  error: { name: 'SyntaxError', message: `Cannot parse program: ${why}` },
})
