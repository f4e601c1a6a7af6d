import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BlockState } from '../../src/broker/block-state.ts'
import type { Block } from '../../src/broker/kill-switch.ts'
import { createBroker, type Scope } from '../../src/index.ts'
import { containing } from './containing.ts'
import { hang } from './fake-tier.ts'
import { until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-state-'))
  file = join(folder, 'blocks.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const ACME: Scope = { tenant: 'acme' }

function written(): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

describe('blocks kept in a file', () => {
  it('survive a restart, and so does their lifting', async () => {
    const scopes: Scope[] = [{ all: true }, { tier: 'vm' }, { trust: 'hostile' }, ACME, { program: 'f00' }]
    await using first = sceneOf({}, { state: { file } })
    for (const scope of scopes) await first.broker.block(scope, 'incident 7')
    await first.broker.unblock({ all: true })
    const left = first.broker.blocked()
    await first.broker.close()
    await using second = sceneOf({}, { state: { file } })
    expect(second.broker.blocked()).toEqual(left)
    expect(left).toHaveLength(4)
    const { outcome } = await second.broker.run(SOURCE, { tenant: 'acme' })
    expect(outcome).toEqual({ kind: 'refused', reason: 'Blocked for tenant "acme": incident 7' })
    expect((await second.broker.run(SOURCE)).outcome.kind).toBe('returned')
  })

  it('are in the file when the call resolves, even without a closing', async () => {
    await using scene = sceneOf({}, { state: { file } })
    await scene.broker.block(ACME, 'unpaid')
    expect(written()).toEqual({ version: 1, blocks: [{ scope: ACME, reason: 'unpaid', by: 'operator' }] })
    await scene.broker.unblock(ACME)
    expect(written()).toEqual({ version: 1, blocks: [] })
  })

  it('are in the file, all of them, when many come and go at once', async () => {
    await using scene = sceneOf({}, { state: { file } })
    const tenants = Array.from({ length: 50 }, (_, at) => `tenant ${at}`)
    await Promise.all(tenants.map((tenant) => scene.broker.block({ tenant }, 'flood')))
    const lifted = tenants.slice(10).map((tenant) => scene.broker.unblock({ tenant }))
    const again = scene.broker.block({ tenant: 'tenant 49' }, 'again')
    expect(new Set(await Promise.all(lifted))).toEqual(new Set([true]))
    await again
    expect(scene.broker.blocked()).toHaveLength(11)
    expect(written()).toEqual({ version: 1, blocks: scene.broker.blocked() })
  })

  it('answer that one was lifted once, however many lift it', async () => {
    await using scene = sceneOf({}, { state: { file } })
    await scene.broker.block(ACME, 'unpaid')
    expect(await Promise.all([scene.broker.unblock(ACME), scene.broker.unblock(ACME)])).toEqual([true, false])
  })

  it('are written by a broker that closes', async () => {
    const scene = sceneOf({}, { state: { file } })
    void scene.broker.block(ACME, 'unpaid')
    await scene.broker.close()
    expect(written()).toMatchObject({ blocks: [{ scope: ACME }] })
  })
})

describe('a disk that fails', () => {
  it('makes a block reject, which holds and has ended what ran', async () => {
    await using scene = sceneOf({ script: hang }, { state: { file } })
    const running = scene.broker.start(SOURCE, { tenant: 'acme' })
    await until(() => scene.broker.stats().running === 1)
    rmSync(folder, { recursive: true })
    await expect(scene.broker.block(ACME, 'unpaid')).rejects.toMatchObject({
      code: 'RF_STATE_NOT_SAVED',
      message: containing(file),
    })
    expect((await running.result).outcome.kind).toBe('killed')
    expect((await scene.broker.run(SOURCE, { tenant: 'acme' })).outcome.kind).toBe('refused')
    await scene.broker.close()
    folder = mkdtempSync(join(tmpdir(), 'ringfence-state-'))
  })

  it('makes an unblocking reject, and what was blocked stays blocked', async () => {
    await using scene = sceneOf({}, { state: { file } })
    await scene.broker.block(ACME, 'unpaid')
    rmSync(folder, { recursive: true })
    await expect(scene.broker.unblock(ACME)).rejects.toMatchObject({ code: 'RF_STATE_NOT_SAVED' })
    expect((await scene.broker.run(SOURCE, { tenant: 'acme' })).outcome.kind).toBe('refused')
    folder = mkdtempSync(join(tmpdir(), 'ringfence-state-'))
  })
})

describe('a state that cannot be used', () => {
  it.each<[string, string | Uint8Array]>([
    ['is empty', ''],
    ['is cut off', '{ "version": 1, "blocks": [{ "scope": { "all": tr'],
    ['is of another version', '{ "version": 2, "blocks": [] }'],
    ['has no version', '{ "blocks": [] }'],
    ['is a list', '[]'],
    ['has a key nobody knows', '{ "version": 1, "blocks": [], "more": 1 }'],
    ['has a scope nobody knows', '{ "version": 1, "blocks": [{ "scope": {}, "reason": "x", "by": "operator" }] }'],
    [
      'has a scope of two things',
      '{ "version": 1, "blocks": [{ "scope": { "all": true, "tier": "vm" }, "reason": "x", "by": "operator" }] }',
    ],
    ['has a block without a reason', '{ "version": 1, "blocks": [{ "scope": { "all": true }, "by": "operator" }] }'],
    ['is no text', new Uint8Array([0, 255, 254, 1])],
  ])('keeps a broker from being made when it %s', async (_, content) => {
    writeFileSync(file, content)
    await expect(createBroker({ state: { file } })).rejects.toMatchObject({
      code: 'RF_BAD_STATE',
      message: containing(`"${file}"`),
    })
    await expect(createBroker({ state: { file } })).rejects.toThrow('or remove it to start with nothing blocked')
    expect(readFileSync(file)).toEqual(Buffer.from(content))
  })

  it('keeps a broker from being made when it is a folder, or its folder is missing', async () => {
    await expect(createBroker({ state: { file: folder } })).rejects.toMatchObject({ code: 'RF_BAD_STATE' })
    const lost = { file: join(folder, 'nowhere', 'blocks.json') }
    await expect(createBroker({ state: lost })).rejects.toMatchObject({ code: 'RF_BAD_STATE' })
  })

  it.skipIf(process.getuid?.() === 0)('keeps a broker from being made when nobody may read it', async () => {
    writeFileSync(file, '{ "version": 1, "blocks": [] }')
    chmodSync(file, 0)
    await expect(createBroker({ state: { file } })).rejects.toMatchObject({ code: 'RF_BAD_STATE' })
  })

  it('is never what a torn write leaves: the file is replaced as a whole', async () => {
    const state = new BlockState(file)
    const block: Block = { scope: ACME, reason: 'first', by: 'operator' }
    await state.save(() => [block])
    // What a death in the middle of the next write leaves behind.
    writeFileSync(`${file}.next`, '{ "version": 1, "blo')
    expect(new BlockState(file).blocks).toEqual([block])
    await state.save(() => [])
    expect(readdirSync(folder)).toEqual(['blocks.json'])
  })
})
