import { RingfenceError } from '../core/errors.ts'
import type { Tier } from '../core/sandbox.ts'
import type {
  IsolationLevel,
  Limits,
  Outcome,
  PolicyDecision,
  TierId,
  Traits,
  TrustLevel,
  Workload,
} from '../core/types.ts'
import { decide } from '../policy/decide.ts'
import type { Policy } from '../policy/default-policy.ts'
import { classify } from '../policy/facts.ts'
import { ownerKey } from '../program/cache.ts'
import { type Prepared, type PrepareOptions, type Program, prepare } from '../program/prepare.ts'
import { withOrigin } from '../program/source-map.ts'
import type { HostFunctionDefinition } from './host-functions.ts'
import type { Demand } from './pressure-level.ts'
import type { ProgramRequest } from './program-request.ts'
import type { Subject } from './scope.ts'

/** Everything a sandbox is opened with. */
export interface Runnable {
  readonly tier: Tier
  readonly program: Program
  readonly limits: Limits
  readonly workload: Workload
  readonly trust: TrustLevel
  readonly tenant: string
  /** The least that the operating system must add to the tier's wall. */
  readonly isolation: IsolationLevel
  /** Present where it may make no code from strings. */
  readonly codeFromStrings?: 'refuse'
  /** Present in a session, whose host evaluates texts. */
  readonly evaluates?: true
  /** Present where modules of Node are offered. */
  readonly offersNode?: true
  /** The host functions policy granted. */
  readonly definitions: readonly HostFunctionDefinition[]
}

/** What its guest asks of the host. */
export function demandOf({ trust, limits: { memoryBytes } }: Runnable): Demand {
  return { trust, memoryBytes }
}

/** Proportional set size of one more sandbox, as the benchmarks show it, and as much again for its start. */
const PLACE_BYTES: Readonly<Record<Traits['boundary'], number>> = {
  realm: 2 ** 20,
  thread: 24 * 2 ** 20,
  isolate: 4 * 2 ** 20,
  process: 48 * 2 ** 20,
}

/** What it asks for in a sandbox of its own, which is still to be opened. */
export function freshDemandOf(runnable: Runnable): Demand {
  return { ...demandOf(runnable), placeBytes: PLACE_BYTES[runnable.tier.traits.boundary] }
}

/** What is to become of a program: it runs, or its outcome stands before anything of it ran. */
export interface Plan {
  readonly subject: Subject
  readonly decision: PolicyDecision
  readonly verdict:
    | { readonly kind: 'run'; readonly runnable: Runnable }
    | { readonly kind: 'settled'; readonly outcome: Outcome }
}

/** What plans are made by. */
export interface PlanBasis {
  readonly policy: Policy
  readonly tiers: ReadonlyMap<TierId, Tier>
  readonly traits: ReadonlyMap<TierId, Traits>
}

/** Plans a program. Policy speaks before anything parses the source, and once more about the program it turned out to be. */
export function makePlan(source: string, request: ProgramRequest, input: string, basis: PlanBasis): Plan {
  const first = decideOn(source, request, input, basis)
  if (first.verdict === 'refuse') return settled(request, first, undefined, refusalOf(first))
  const prepared = prepare(source, prepareOptionsOf(request), ownerKey(request))
  if (prepared.kind !== 'ready') return settled(request, first, undefined, outcomeOf(prepared))
  const program = request.origin === undefined ? prepared.program : withOrigin(prepared.program, request.origin)
  const decision = decideOn(source, request, input, basis, program.hash)
  if (decision.verdict === 'refuse') return settled(request, decision, program.hash, refusalOf(decision))
  const { limits, workload, trust, isolation, codeFromStrings } = decision
  const tier = basis.tiers.get(decision.tier)
  if (tier === undefined) {
    throw new RingfenceError('RF_TIER_UNAVAILABLE', `Cannot plan program: this broker has no tier "${decision.tier}"`)
  }
  const { tenant } = request
  const granted = new Set(decision.capabilities)
  const definitions = request.definitions.filter(({ name }) => granted.has(name))
  const strings = codeFromStrings === undefined ? {} : { codeFromStrings }
  const offersNode = request.node ? { offersNode: true as const } : {}
  const runnable = { tier, program, limits, workload, trust, tenant, isolation, definitions, ...strings, ...offersNode }
  return {
    subject: subjectOf(request, decision, program.hash),
    decision,
    verdict: { kind: 'run', runnable },
  }
}

/** Plans as far as can be done without parsing the source. */
export function planUnprepared(
  source: string,
  request: ProgramRequest,
  input: string,
  basis: PlanBasis,
  program?: string,
): Pick<Plan, 'decision' | 'subject'> {
  const decision = decideOn(source, request, input, basis, program)
  return { decision, subject: subjectOf(request, decision, program) }
}

/** What `prepare` is told of a program. */
export function prepareOptionsOf({ filename, kind, modules, hostModules, node }: ProgramRequest): PrepareOptions {
  return {
    modules,
    hostModules,
    ...(node && { node }),
    ...(filename !== undefined && { filename }),
    ...(kind !== undefined && { kind }),
  }
}

function decideOn(
  source: string,
  request: ProgramRequest,
  input: string,
  { policy, traits }: PlanBasis,
  program?: string,
): PolicyDecision {
  const { modules, definitions, trust, workload, tier, limits, tenant } = request
  const evidence = {
    source,
    modules: Object.values(modules),
    input,
    trust,
    workload,
    tier,
    limits,
    functions: definitions,
    tenant,
    program,
  }
  return decide(classify(evidence), policy, traits)
}

function settled(
  request: ProgramRequest,
  decision: PolicyDecision,
  program: string | undefined,
  outcome: Outcome,
): Plan {
  return { subject: subjectOf(request, decision, program), decision, verdict: { kind: 'settled', outcome } }
}

function subjectOf(request: ProgramRequest, decision: PolicyDecision, program: string | undefined): Subject {
  return {
    trust: decision.trust,
    tenant: request.tenant,
    ...(decision.verdict === 'route' && { tier: decision.tier }),
    ...(program !== undefined && { program }),
  }
}

function refusalOf(decision: PolicyDecision): Outcome {
  return { kind: 'refused', reason: reasonOf(decision) }
}

/** Why policy decided so, in the words of the rule that had the last one. */
export function reasonOf({ because }: PolicyDecision): string {
  return because.at(-1)?.message ?? 'The policy gave no reason'
}

/** What a text comes to that is no program. */
export function outcomeOf(prepared: Exclude<Prepared, { readonly kind: 'ready' }>): Outcome {
  if (prepared.kind === 'invalid') return { kind: 'threw', error: prepared.error }
  if (prepared.kind === 'failed') return prepared.outcome
  return { kind: 'refused', reason: `Cannot import "${prepared.specifier}": ${prepared.reason}` }
}
