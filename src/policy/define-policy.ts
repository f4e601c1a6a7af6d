import { RingfenceError } from '../core/errors.ts'
import { overrideLimits } from '../core/limits.ts'
import { TRUST_LEVELS } from '../core/trust.ts'
import type { TierId, TrustLevel } from '../core/types.ts'
import { type Boundary, isAtLeast, PROMISED_BOUNDARY, strongerOf, TIER_BEHIND } from './boundary.ts'
import { DEFAULT_POLICY, type LevelPolicy, type Policy } from './default-policy.ts'
import { type LevelDocument, policyDocumentSchema } from './document.ts'

/**
 * Reads a policy document and fills in the defaults. Throws `RF_BAD_POLICY` with every problem and where it stands, also
 * when the document is weaker than the built-in floors: an operator may move a wall outwards, never inwards.
 */
export function definePolicy(input: unknown): Policy {
  const parsed = policyDocumentSchema.safeParse(input)
  if (!parsed.success) throw badPolicy(parsed.error.issues.map((issue) => problemAt(issue.path, issue.message)))
  const given = parsed.data.levels ?? {}
  const problems = TRUST_LEVELS.flatMap((level) => weaknesses(level, given[level] ?? {}))
  if (problems.length > 0) throw badPolicy(problems)
  return {
    levels: {
      trusted: completed('trusted', given.trusted ?? {}),
      limited: completed('limited', given.limited ?? {}),
      untrusted: completed('untrusted', given.untrusted ?? {}),
      hostile: completed('hostile', given.hostile ?? {}),
    },
  }
}

function badPolicy(problems: readonly string[]): RingfenceError {
  return new RingfenceError('RF_BAD_POLICY', `Cannot define policy: ${problems.join('; ')}`)
}

function problemAt(path: readonly PropertyKey[], message: string): string {
  const where = path.length === 0 ? 'the document' : `"${path.map(String).join('.')}"`
  return `${where} ${message.replace(/^Invalid/, 'has an invalid').replace(/^Unrecognized/, 'has an unrecognized')}`
}

function weaknesses(level: TrustLevel, document: LevelDocument): string[] {
  const builtIn = DEFAULT_POLICY.levels[level].floor
  const problems: string[] = []
  if (document.floor !== undefined && !isAtLeast(document.floor, builtIn)) {
    problems.push(`"levels.${level}.floor" must be "${builtIn}" or stronger, received "${document.floor}"`)
  }
  const floor = strongerOf(builtIn, document.floor ?? builtIn)
  for (const workload of ['light', 'cpu'] as const) {
    const tier = document[workload]
    if (tier === undefined || isAtLeast(PROMISED_BOUNDARY[tier], floor)) continue
    problems.push(
      `"levels.${level}.${workload}" must be a tier with a wall of "${floor}" or stronger, received "${tier}"`,
    )
  }
  if (level === 'hostile' && grantsEverything(document.functions)) {
    problems.push('"levels.hostile.functions" must name functions, received a grant of all of them')
  }
  return problems
}

/** Hostile code gets what the operator named, so a pattern that names nothing would defeat the level. */
function grantsEverything(functions: LevelDocument['functions'] = []): boolean {
  return functions === 'all' || functions.some((pattern) => /^[*/]+$/.test(pattern))
}

function completed(level: TrustLevel, document: LevelDocument): LevelPolicy {
  const defaults = DEFAULT_POLICY.levels[level]
  const floor = document.floor ?? defaults.floor
  return {
    floor,
    isolation: document.isolation ?? defaults.isolation,
    tiers: {
      light: document.light ?? raised(defaults.tiers.light, floor),
      cpu: document.cpu ?? raised(defaults.tiers.cpu, floor),
    },
    limits: overrideLimits(defaults.limits, document.limits ?? {}),
    functions: document.functions ?? defaults.functions,
    codeFromStrings: document.codeFromStrings ?? defaults.codeFromStrings,
  }
}

/** A document that only raises the floor means the default routes to rise with it. */
function raised(tier: TierId, floor: Boundary): TierId {
  return isAtLeast(PROMISED_BOUNDARY[tier], floor) ? tier : TIER_BEHIND[floor]
}
