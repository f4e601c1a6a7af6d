import { TRUST_LEVELS } from '../core/trust.ts'
import type { Scope, TierId, TrustLevel } from '../core/types.ts'
import { expectOneOf, expectRecord, expectText } from './shape.ts'

/** Every tier there can be. */
export const TIER_IDS: readonly TierId[] = ['vm', 'isolate', 'worker', 'process']

/** What a scope is held against. Without a tier policy refused it; without a program there was none to run. */
export interface Subject {
  readonly trust: TrustLevel
  readonly tenant: string
  readonly tier?: TierId
  /** The hash of the prepared program. */
  readonly program?: string
}

/** Reads a scope. It names exactly one thing, so that nobody takes two names for "both must hold". */
export function parseScope(value: unknown, attempt: string): Scope {
  const record = expectRecord(value, 'the scope', attempt)
  const keys = Object.keys(record)
  const [key] = keys
  if (keys.length === 1) {
    if (key === 'all' && record['all'] === true) return { all: true }
    if (key === 'tier') return { tier: expectOneOf(record['tier'], TIER_IDS, '"tier"', attempt) }
    if (key === 'trust') return { trust: expectOneOf(record['trust'], TRUST_LEVELS, '"trust"', attempt) }
    if (key === 'tenant') return { tenant: expectText(record['tenant'], '"tenant"', attempt) }
    if (key === 'program') return { program: expectText(record['program'], '"program"', attempt) }
  }
  const received = keys.map((name) => `"${name}"`).join(', ') || 'none'
  throw new TypeError(
    `${attempt}: the scope must have exactly one key of "all" (which is true), "tier", "trust", "tenant" and "program", received ${received}`,
  )
}

/** Whether a scope reaches this subject. */
export function reaches(scope: Scope, subject: Subject): boolean {
  if ('all' in scope) return true
  if ('tier' in scope) return scope.tier === subject.tier
  if ('trust' in scope) return scope.trust === subject.trust
  if ('tenant' in scope) return scope.tenant === subject.tenant
  return scope.program === subject.program
}

/** Every scope that reaches this subject, the widest first. */
export function scopesOf({ tier, trust, tenant, program }: Subject): readonly Scope[] {
  return [
    { all: true },
    ...(tier === undefined ? [] : [{ tier }]),
    { trust },
    { tenant },
    ...(program === undefined ? [] : [{ program }]),
  ]
}

/** Names a scope in a sentence; two scopes have the same name only when they are the same. */
export function nameOf(scope: Scope): string {
  if ('all' in scope) return 'everything'
  if ('tier' in scope) return `tier "${scope.tier}"`
  if ('trust' in scope) return `trust level "${scope.trust}"`
  if ('tenant' in scope) return `tenant "${scope.tenant}"`
  return `program "${scope.program}"`
}
