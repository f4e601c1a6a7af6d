import type { Data, RunOptions, TierId, TrustLevel } from '../src/index.ts'

/** One program as `npm start` runs it, and how it has to end. */
export interface Example {
  readonly title: string
  /** Its file in `programs/`. */
  readonly file: string
  readonly trust: TrustLevel
  readonly options?: Omit<RunOptions, 'input' | 'trust' | 'modules'>
  /** The input: a file in `data/`, or the value itself. */
  readonly input?: { readonly file: string } | { readonly value: Data }
  /** Files in `programs/` which it imports. */
  readonly imports?: readonly string[]
  readonly expected: Expectation
}

/** How an example has to end: where it ran, in which of these ways, and what it may answer. */
export interface Expectation {
  readonly tier: TierId
  readonly outcomes: readonly string[]
  /** Parts of the answer, where it returns. */
  readonly answer?: Readonly<Record<string, Data>>
}

const ROOM = { wallMs: 4000, cpuMs: 3000 }

/**
 * The operator's policy of this demonstration: hostile code gets one function to attack, and there is CPU time enough
 * for a memory limit to be met first on a busy machine.
 */
export const POLICY: unknown = {
  levels: { untrusted: { limits: ROOM }, hostile: { limits: ROOM, functions: ['host/lookup'] } },
}

/** What loops get: the default of untrusted code. */
const LOOP = { limits: { wallMs: 1000, cpuMs: 500 } }

const TAX_RATES: Readonly<Record<string, number>> = { DE: 0.19, FR: 0.2 }

const functions: RunOptions['functions'] = {
  taxRate: async (country: string, category: string) => (category === 'books' ? 0.07 : (TAX_RATES[country] ?? 0)),
  lookup: async (key: string) => ({ key, found: false }),
}

const STOPPED = ['exceeded cpuMs', 'exceeded wallMs']
const HELD = { loot: [] }

/** Every program under the trust it deserves; together they show every tier. */
export const EXAMPLES: readonly Example[] = [
  {
    title: 'pricing rule',
    file: 'pricing-rule.ts',
    trust: 'trusted',
    options: { functions },
    input: { file: 'cart.json' },
    expected: { tier: 'vm', outcomes: ['returned'], answer: { currency: 'EUR', total: 17_034 } },
  },
  {
    title: 'text transform',
    file: 'text-transform.ts',
    trust: 'limited',
    imports: ['slug.ts'],
    input: { file: 'article.json' },
    expected: { tier: 'vm', outcomes: ['returned'], answer: { slug: 'faden-prozesse-isolate-ou-courir' } },
  },
  {
    title: 'planets',
    file: 'planets.ts',
    trust: 'trusted',
    options: { workload: 'cpu' },
    input: { value: { steps: 1_000_000, dt: 0.01 } },
    expected: { tier: 'worker', outcomes: ['returned'], answer: { years: 10_000 } },
  },
  {
    title: 'prime sieve',
    file: 'prime-sieve.ts',
    trust: 'untrusted',
    options: { workload: 'cpu' },
    input: { value: { below: 2_000_000 } },
    expected: { tier: 'isolate', outcomes: ['returned'], answer: { primes: 148_933, twins: 14_871 } },
  },
  {
    title: 'endless loop',
    file: 'endless-loop.js',
    trust: 'untrusted',
    options: LOOP,
    expected: { tier: 'isolate', outcomes: STOPPED },
  },
  {
    title: 'memory bomb',
    file: 'memory-bomb.js',
    trust: 'untrusted',
    expected: { tier: 'isolate', outcomes: ['exceeded memoryBytes'] },
  },
  {
    title: 'escape attempt',
    file: 'escape-attempt.js',
    trust: 'untrusted',
    options: { functions },
    expected: { tier: 'isolate', outcomes: ['returned'], answer: HELD },
  },
  {
    title: 'endless loop',
    file: 'endless-loop.js',
    trust: 'hostile',
    options: LOOP,
    expected: { tier: 'process', outcomes: STOPPED },
  },
  {
    title: 'memory bomb',
    file: 'memory-bomb.js',
    trust: 'hostile',
    expected: { tier: 'process', outcomes: ['exceeded memoryBytes'] },
  },
  {
    title: 'escape attempt',
    file: 'escape-attempt.js',
    trust: 'hostile',
    options: { functions },
    expected: { tier: 'process', outcomes: ['returned'], answer: HELD },
  },
  {
    title: 'pricing rule',
    file: 'pricing-rule.ts',
    trust: 'untrusted',
    options: { functions },
    input: { file: 'cart.json' },
    expected: { tier: 'isolate', outcomes: ['returned'], answer: { currency: 'EUR', total: 17_034 } },
  },
]
