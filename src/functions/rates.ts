import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { FunctionRecord, Rate } from './words.ts'

interface Limited {
  readonly rate: Rate
  readonly limiter: RateLimiterMemory
}

/** Counts calls in windows of time: those of each function that has a rate, and those of each tenant. */
export class Rates {
  readonly #ofTenants: RateLimiterMemory | undefined
  readonly #ofFunctions = new Map<string, Limited>()

  constructor(perTenant: Rate | undefined) {
    this.#ofTenants = perTenant && limiterFor(perTenant)
  }

  /** Counts one call. Answers undefined if it is within its rates, otherwise in how many milliseconds the next one is. */
  async admit({ name, tenant, rate }: FunctionRecord): Promise<number | undefined> {
    const limiter = this.#limiterOf(name, rate)
    return (limiter && (await waitOf(limiter, name))) ?? (this.#ofTenants && waitOf(this.#ofTenants, tenant))
  }

  /** Counts calls of a function no more. */
  forget(name: string): void {
    this.#ofFunctions.delete(name)
  }

  #limiterOf(name: string, rate: Rate | undefined): RateLimiterMemory | undefined {
    const known = this.#ofFunctions.get(name)
    if (known?.rate.calls === rate?.calls && known?.rate.seconds === rate?.seconds) return known?.limiter
    this.#ofFunctions.delete(name)
    if (rate === undefined) return undefined
    const limiter = limiterFor(rate)
    this.#ofFunctions.set(name, { rate, limiter })
    return limiter
  }
}

const limiterFor = ({ calls, seconds }: Rate): RateLimiterMemory =>
  new RateLimiterMemory({ points: calls, duration: seconds })

async function waitOf(limiter: RateLimiterMemory, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key)
    return undefined
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext
    throw refusal
  }
}
