import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withoutPaths } from '../../src/core/without-paths.ts'
import { createBroker, type Execution, type RunOptions } from '../../src/index.ts'
import { openScene, type Scene, VARIANTS, type Variant } from '../contract/scene.ts'
import { CRAWLER, plantCanaries, VICTIM } from './canaries.ts'

const canaries = plantCanaries()
afterAll(() => {
  delete process.env['CANARY_NAME']
  rmSync(canaries['the folder of a secret file'] ?? '', { recursive: true, force: true })
})

/** An error as host functions throw them: with a stack, a cause and fields that are full of the host's own. */
function hostError(): Error {
  const error = new Error('it failed', { cause: new Error(JSON.stringify(canaries)) })
  return Object.assign(error, { path: canaries['the path of a secret file'], env: process.env, code: 'ENOENT' })
}

const functions: NonNullable<RunOptions['functions']> = {
  fails: {
    call: () => {
      throw hostError()
    },
    sync: true,
  },
  failsLater: async () => {
    await Promise.resolve()
    throw hostError()
  },
  wrongly: { call: () => 1, args: z.tuple([z.string()]) },
  answersAFunction: { call: () => hostError, sync: true },
}

/** Each way in which a call may end, and each kind of text that comes of it. */
const ENDINGS: readonly (readonly [name: string, source: string, options?: RunOptions])[] = [
  ['everything a guest can reach', CRAWLER],
  ['a syntax error', 'export default () => { let = }'],
  ['a syntax error only the engine sees', 'export default () => /(?<a>.)(?<a>.)/'],
  ['an import of nothing', "import 'node:fs'"],
  ['a hidden import', 'export default (x) => import(x)', { input: 'node:fs' }],
  ['an import of nothing from a module', "import 'a'", { modules: { a: "import '../../../etc/passwd'" } }],
  ['a thrown error', 'export default () => { throw new Error("own", { cause: globalThis }) }'],
  ['a thrown error of the host', "import { fails } from 'host'; export default () => fails()"],
  ['a rejection by the host', "import { failsLater } from 'host'; export default () => failsLater()"],
  ['a stray rejection', 'export default () => { Promise.reject(new Error("stray")); return new Promise(() => {}) }'],
  ['an error in a timer', 'export default () => new Promise(() => setTimeout(() => null.x))'],
  ['wrong arguments', "import { wrongly } from 'host'; export default () => wrongly(globalThis.canary, 1)"],
  ['a missing export', 'export const a = 1'],
  ['what cannot be cloned', 'export default () => () => {}'],
  ['wall time', 'export default () => new Promise(() => {})', { limits: { wallMs: 50 } }],
  ['CPU time', 'export default () => { for (;;); }', { limits: { cpuMs: 50, wallMs: 500 } }],
  ['output', 'export default () => "x".repeat(1e6)', { limits: { outputBytes: 100 } }],
  ['log', 'export default () => { for (;;) console.log("x") }', { limits: { logBytes: 100 } }],
  [
    'host calls',
    "import { wrongly } from 'host'; export default () => { for (;;) wrongly('a').catch(() => {}) }",
    { limits: { hostCalls: 2 } },
  ],
  ['a long source', `1 // ${'x'.repeat(2000)}`, { limits: { sourceBytes: 1000 } }],
  ['a long input', '1', { limits: { inputBytes: 10 }, input: 'x'.repeat(100) }],
  [
    'memory',
    'export default async () => { for (const held = []; ; await new Promise((done) => setTimeout(done))) held.push(new Array(3e5).fill(0.5)) }',
    { limits: { memoryBytes: 2 ** 24 } },
  ],
  ['recursion', 'export default function go() { return go() + 1 }'],
]

/** Runs everything, and gathers every text that a tenant may come to see. */
async function provoke(scene: Scene): Promise<readonly (readonly [name: string, text: string])[]> {
  const said: [string, string][] = []
  const say = (name: string, value: unknown): void => void said.push([name, JSON.stringify(value) ?? ''])
  const attacker = { tenant: 'attacker', functions }
  const victim = {
    tenant: 'canary-tenant',
    filename: 'canary-file-name.ts',
    modules: { 'canary-module': 'export const part = 1' },
  }
  const mine = new Set<string>()
  const stops = (['memory', 'audit', 'ended', 'pressure'] as const).map((name) =>
    scene.broker.on(name, (event) => {
      if ('id' in event && !mine.has(event.id)) return
      say(`event ${name}`, event)
    }),
  )
  await using other = await scene.load(VICTIM, victim)
  for (const [name, source, options = {}] of ENDINGS) {
    await other.call({ secret: 'canary-input', fails: said.length % 2 === 0 })
    const running = scene.start(source, { ...attacker, ...options, limits: { wallMs: 5000, ...options.limits } })
    mine.add(running.id)
    const [receipt] = await Promise.all([running.result, other.call('canary-input')])
    say(name, receipt)
  }
  const killed = scene.start('export default () => new Promise(() => {})', attacker)
  await killed.kill('no more')
  say('a kill', await killed.result)
  say('a crash', await crashed(scene))
  for (const stop of stops) stop()
  const { pools: _, ...stats } = scene.broker.stats()
  say('stats', stats)
  return said
}

/** Ends the process under a guest, where there is one that is not this. */
async function crashed(scene: Scene): Promise<Execution> {
  const running = scene.start('export default () => new Promise(() => {})', {
    tenant: 'attacker',
    limits: { wallMs: 2000 },
  })
  while (scene.broker.stats().running === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const carriers = scene.broker.stats().tiers.flatMap((tier) => tier.carriers)
  const others = carriers.flatMap(({ pid = process.pid, sandboxes }) =>
    pid === process.pid || sandboxes === 0 ? [] : pid,
  )
  for (const pid of others) process.kill(pid, 'SIGKILL')
  if (others.length === 0) await running.kill('it is in this very process')
  return running.result
}

const leaksIn = (said: readonly (readonly [string, string])[]): readonly string[] =>
  said.flatMap(([name, text]) =>
    Object.entries(canaries).flatMap(([what, canary]) => {
      const at = text.indexOf(canary)
      return at === -1 ? [] : [`${name} tells ${what}: …${text.slice(Math.max(0, at - 80), at + 80)}…`]
    }),
  )

describe.each(VARIANTS)('what a tenant sees in "%s"', (variant: Variant) => {
  it('tells nothing of the host, its environment, or another tenant', async () => {
    await using scene = await openScene(variant)
    const said = await provoke(scene)
    expect(said.length).toBeGreaterThan(ENDINGS.length)
    expect(leaksIn(said)).toEqual([])
    const reached = said.find(([name]) => name === 'everything a guest can reach')?.[1] ?? ''
    expect(reached.length).toBeGreaterThan(50_000)
    expect(reached).not.toContain('fresh memory is not empty')
  })
})

describe('the search for canaries', () => {
  it('finds each of them', () => {
    const said = Object.values(canaries).map((canary) => ['a text', JSON.stringify({ deep: [`x${canary}`] })] as const)
    const found = leaksIn(said)
    for (const what of Object.keys(canaries)) expect(found.some((leak) => leak.includes(what))).toBe(true)
  })

  it('would find them in what the victim itself gets', async () => {
    await using broker = await createBroker()
    const options = {
      tenant: 'canary-tenant',
      filename: 'canary-file-name.ts',
      modules: { 'canary-module': 'export const part = 1' },
    }
    const fails = await broker.run(VICTIM, { ...options, input: { fails: true } })
    const found = leaksIn([['its receipt', JSON.stringify(fails)]])
    expect(found.map((leak) => leak.replace(/: ….*/s, ''))).toEqual(
      expect.arrayContaining(["its receipt tells another tenant's error", "its receipt tells another tenant's log"]),
    )
  })
})

describe('a carrier that cannot be started', () => {
  it('is not named by its path', async () => {
    const folder = canaries['the folder of a secret file'] ?? ''
    const policy = { levels: { hostile: { isolation: 'none' } } }
    await using broker = await createBroker({ policy, process: { commandPrefix: [`${folder}/no-such-tool`] } })
    const receipt = await broker.run('1', { trust: 'hostile', tenant: 'attacker' })
    expect(['crashed', 'refused']).toContain(receipt.outcome.kind)
    expect(leaksIn([['a receipt', JSON.stringify(receipt)]])).toEqual([])
  })

  it.each([
    ["Cannot find module '/srv/app/node_modules/x.js'", "Cannot find module '<path>'"],
    ['spawn /usr/local/bin/node ENOENT', 'spawn <path> ENOENT'],
    ['at file:///srv/app/a.ts:12:3', 'at <path>:12:3'],
    ['open "C:\\\\Users\\\\me\\\\x"', 'open "C:\\\\Users\\\\me\\\\x"'],
    ['open C:\\Users\\me\\x now', 'open <path> now'],
    ['and/or 1/2, n/a', 'and/or 1/2, n/a'],
    ['its process was ended by SIGKILL', 'its process was ended by SIGKILL'],
  ])('of %s is told %s', (text, told) => {
    expect(withoutPaths(text)).toBe(told)
  })
})
