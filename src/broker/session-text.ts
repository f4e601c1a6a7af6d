import { encode } from '../core/codec.ts'
import { isIsolatedAtLeast } from '../core/isolation.ts'
import { lowerLimits } from '../core/limits.ts'
import { EVALUATE } from '../core/reserved-exports.ts'
import type { Limits, PolicyDecision } from '../core/types.ts'
import { ownerKey } from '../program/cache.ts'
import { prepare } from '../program/prepare.ts'
import { refused } from './call-checks.ts'
import type { SettledWork } from './executions.ts'
import type { Task } from './guest-call.ts'
import { outcomeOf, planUnprepared, prepareOptionsOf, type Runnable, reasonOf } from './plan.ts'
import { preparedElsewhere } from './prepared-elsewhere.ts'
import type { ProgramRequest } from './program-request.ts'
import type { Subject } from './scope.ts'
import type { Services } from './services.ts'

const FILENAME = 'evaluated.ts'

/** What a text is evaluated in. */
export interface TextHome {
  readonly request: ProgramRequest
  readonly runnable: Runnable
  readonly subject: Subject
  readonly services: Services
}

/** A text to be evaluated, which policy and the compilers look at as at any program. */
export class SessionText {
  readonly #text: string
  readonly #request: ProgramRequest
  readonly #home: TextHome

  constructor(text: string, filename: string = FILENAME, home: TextHome) {
    const { request, runnable } = home
    this.#text = text
    this.#home = home
    this.#request = {
      ...request,
      filename,
      kind: 'fragment',
      modules: {},
      origin: undefined,
      tier: runnable.tier.id,
      workload: runnable.workload,
    }
  }

  /** Has it prepared elsewhere, if it should be; what policy refuses is not looked at. Never rejects. */
  async ready(signal?: AbortSignal): Promise<void> {
    await preparedElsewhere(this.#text, this.#request, this.#home.services)?.(signal)
  }

  /** What becomes of it now: its task, or why there is none. */
  task(limits: Limits): Task | SettledWork {
    const problem = this.#problem(this.#decide())
    if (problem !== undefined) return refused(problem)
    const prepared = prepare(this.#text, prepareOptionsOf(this.#request), ownerKey(this.#request))
    if (prepared.kind !== 'ready') return { kind: 'settled', outcome: outcomeOf(prepared) }
    const { runnable, subject, services } = this.#home
    const { hash, script } = prepared.program
    const decision = this.#decide(hash)
    const late = this.#problem(decision) ?? services.killSwitch.refusalOf({ ...subject, program: hash })
    if (late !== undefined || decision.verdict === 'refuse') return refused(late ?? reasonOf(decision))
    return {
      program: runnable.program,
      exportName: EVALUATE,
      input: encode(script),
      limits: lowerLimits(limits, decision.limits),
    }
  }

  #decide(hash?: string): PolicyDecision {
    return planUnprepared(this.#text, this.#request, '', this.#home.services.basis, hash).decision
  }

  /** A text may run where its session is, or not at all: what it asks for beyond that cannot be had there any more. */
  #problem(decision: PolicyDecision): string | undefined {
    if (decision.verdict === 'refuse') return reasonOf(decision)
    const { tier, trust, isolation, codeFromStrings, definitions } = this.#home.runnable
    const { capabilities } = decision
    const isHeld =
      decision.tier === tier.id &&
      decision.trust === trust &&
      isIsolatedAtLeast(isolation, decision.isolation) &&
      (decision.codeFromStrings === undefined || codeFromStrings !== undefined) &&
      definitions.every(({ name }) => capabilities.includes(name))
    if (isHeld) return undefined
    return `Policy asks for more than the session has, which is in tier "${tier.id}" at trust "${trust}": ${reasonOf(decision)}`
  }
}
