import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import { formatBytes, formatMs } from '../../src/cli/format-quantity.ts'
import { renderDecision } from '../../src/cli/render-decision.ts'
import { renderEnding, renderSummary } from '../../src/cli/render-ending.ts'
import { renderLogs } from '../../src/cli/render-logs.ts'
import { renderReceipt } from '../../src/cli/render-receipt.ts'
import { renderResult } from '../../src/cli/render-result.ts'
import { DEFAULT_LIMITS } from '../../src/core/limits.ts'
import type { Execution, Outcome, PolicyDecision } from '../../src/core/types.ts'

const ROUTE: PolicyDecision = {
  trust: 'untrusted',
  verdict: 'route',
  because: [{ rule: 'trust', message: 'Untrusted code needs a wall of "isolate" or stronger' }],
  tier: 'isolate',
  workload: 'light',
  limits: DEFAULT_LIMITS.untrusted,
  isolation: 'none',
  capabilities: [],
}

const ended = (outcome: Outcome): Execution => ({
  id: 'e1',
  tier: 'isolate',
  trust: 'untrusted',
  isolation: { level: 'none', layers: [] },
  decision: ROUTE,
  outcome,
  usage: {
    wallMs: 12.34,
    cpuMs: 3,
    peakMemoryBytes: 2_621_440,
    outputBytes: 1,
    queuedMs: 0,
    startMs: 0,
    teardownMs: 0,
  },
  logs: [],
})

const OUTCOMES: readonly (readonly [Outcome, number, string])[] = [
  [{ kind: 'returned', value: 1 }, 0, ''],
  [{ kind: 'threw', error: { name: 'TypeError', message: 'no' } }, 1, 'TypeError: no\n'],
  [{ kind: 'refused', reason: 'Too weak' }, 3, 'ringfence: refused: Too weak\n'],
  [{ kind: 'exceeded', limit: 'wallMs' }, 4, 'ringfence: the program exceeded its limit "wallMs" of 1000\n'],
  [{ kind: 'killed', by: 'handle', reason: 'Bored' }, 5, 'ringfence: the program was killed: Bored\n'],
  [{ kind: 'crashed', detail: 'SIGSEGV' }, 6, 'ringfence: the program crashed: SIGSEGV\n'],
]

describe('how a program ended', () => {
  it.each(OUTCOMES)('%j has its exit code %i and its line', (outcome, code, line) => {
    expect(exitCodeOf(outcome)).toBe(code)
    expect(renderEnding(ended(outcome))).toBe(line)
  })

  it('shows where an error stands, with its code frame', () => {
    const error = {
      name: 'SyntaxError',
      message: 'Unexpected token',
      location: { file: 'a.ts', line: 2, column: 3 },
      codeFrame: '2 | )',
    }
    expect(renderEnding(ended({ kind: 'threw', error }))).toBe(
      'SyntaxError: Unexpected token\n    at a.ts:2:3\n2 | )\n',
    )
  })

  it('shows a stack with its message once', () => {
    const stack = 'TypeError: no\n    at a.ts:1:1'
    const error = { name: 'TypeError', message: 'no', stack }
    expect(renderEnding(ended({ kind: 'threw', error }))).toBe(`${stack}\n`)
  })

  it('is summed up in one line, without what could not be measured', () => {
    expect(renderSummary(ended({ kind: 'returned', value: 1 }))).toBe(
      'returned · untrusted in isolate · wall 12.3 ms · CPU 3.00 ms · peak memory 2.5 MiB\n',
    )
    const { tier: _tier, ...refused } = ended({ kind: 'refused', reason: 'no' })
    expect(
      renderSummary({ ...refused, usage: { wallMs: 0, outputBytes: 0, queuedMs: 0, startMs: 0, teardownMs: 0 } }),
    ).toBe('refused · untrusted · wall 0.00 ms\n')
  })
})

describe('a result', () => {
  it.each([
    ['text', 'text\n'],
    ['with its own end\n', 'with its own end\n'],
    [undefined, ''],
    [{ a: [1, null] }, '{"a":[1,null]}\n'],
    [12n, '12n\n'],
    [new Map([['a', 1]]), "Map(1) { 'a' => 1 }\n"],
    [[Number.NaN], '[ NaN ]\n'],
  ])('%o is printed as a shell expects it', (value, text) => {
    expect(renderResult(value, false)).toBe(text)
  })

  it('reaches a pipe untouched and a terminal without control characters', () => {
    const attack = '\u001b]52;c;ZXZpbA==\u0007\u202Etxt.exe'
    expect(renderResult(attack, false)).toBe(`${attack}\n`)
    expect(renderResult(attack, true)).toBe('\\x1b]52;c;ZXZpbA==\\x07\\u202etxt.exe\n')
  })
})

describe('console lines', () => {
  it('carry their level, and further lines are indented under it', () => {
    const logs = [
      { level: 'log', text: 'n = 3', at: 0 },
      { level: 'error', text: 'a\nb', at: 1 },
    ] as const
    expect(renderLogs(logs, false)).toBe('[log] n = 3\n[error] a\n        b\n')
  })

  it('cannot steer the terminal', () => {
    expect(renderLogs([{ level: 'log', text: '\u001b[2Jgone\r', at: 0 }], false)).toBe('[log] \\x1b[2Jgone\\x0d\n')
  })

  it('are coloured for a terminal only', () => {
    expect(renderLogs([{ level: 'warn', text: 'x', at: 0 }], true)).toContain('\u001b[33m[warn]')
  })
})

describe('a receipt', () => {
  it('is one line of JSON, whatever the guest returned', () => {
    const line = renderReceipt(ended({ kind: 'returned', value: { text: 'a\nb', big: 1n } }))
    expect(line.indexOf('\n')).toBe(line.length - 1)
    const receipt: unknown = JSON.parse(line)
    expect(receipt).toMatchObject({
      id: 'e1',
      tier: 'isolate',
      trust: 'untrusted',
      outcome: { kind: 'returned', value: { text: 'a\nb', big: { $bigint: '1' } } },
      usage: { wallMs: 12.34 },
      logs: [],
      decision: { verdict: 'route' },
    })
  })
})

describe('a decision', () => {
  it('shows the tier, why, the limits and the functions', () => {
    const text = renderDecision({ ...ROUTE, capabilities: ['host/tax'] })
    expect(text).toContain('untrusted light code runs in tier "isolate"')
    expect(text).toContain('trust  Untrusted code needs')
    expect(text).toMatch(/memoryBytes +64\.0 MiB/)
    expect(text).toContain('host functions: host/tax')
  })

  it('that refuses shows no limits', () => {
    const text = renderDecision({ trust: 'hostile', verdict: 'refuse', because: [{ rule: 'tier', message: 'No' }] })
    expect(text).toContain('hostile code is refused')
    expect(text).not.toContain('limit')
  })
})

it.each([
  [0.5, '0.50 ms'],
  [12.34, '12.3 ms'],
  [500, '500 ms'],
  [1500, '1.50 s'],
  [30_000, '30.0 s'],
])('%d milliseconds read %j', (ms, text) => {
  expect(formatMs(ms)).toBe(text)
})

it.each([
  [12, '12 B'],
  [2048, '2.0 KiB'],
  [1_048_576, '1.0 MiB'],
  [536_870_912, '512 MiB'],
])('%d bytes read %j', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})
