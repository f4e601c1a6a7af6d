import { execFileSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import type { BrokerOptions } from '../../src/broker/options.ts'
import { hang } from './fake-tier.ts'
import { until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

let folder: string
let killFile: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-kill-'))
  killFile = join(folder, 'stop')
})
afterEach(() => rmSync(folder, { recursive: true }))

const NO_TEXT = 'The kill file is there'

describe('a kill file', () => {
  it('ends what runs and waits with its text, refuses what comes, and lets all run again when it is gone', async () => {
    await using scene = sceneOf({ script: hang }, { killFile, maxConcurrent: 1 })
    const executions = [1, 2].map(() => scene.broker.start(SOURCE))
    await until(() => scene.broker.stats().running === 1)
    writeFileSync(killFile, '  incident 7\n')
    for (const { result } of executions) {
      expect((await result).outcome).toEqual({ kind: 'killed', by: 'switch', reason: 'incident 7' })
    }
    expect(scene.broker.blocked()).toEqual([{ scope: { all: true }, reason: 'incident 7', by: 'file' }])
    const { outcome } = await scene.broker.run(SOURCE)
    expect(outcome).toEqual({ kind: 'refused', reason: 'Blocked for everything: incident 7' })
    rmSync(killFile)
    await until(() => scene.broker.blocked().length === 0)
    const running = scene.broker.start(SOURCE)
    await until(() => scene.broker.stats().running === 1)
    await running.kill('seen enough')
  })

  it('refuses everything from the start when it is there already', async () => {
    writeFileSync(killFile, 'still down')
    await using scene = sceneOf({}, { killFile })
    expect((await scene.broker.run(SOURCE)).outcome).toMatchObject({ kind: 'refused' })
    await using program = await scene.broker.load(SOURCE)
    expect((await program.call()).outcome.kind).toBe('refused')
    expect(scene.tier.openings).toBe(0)
  })

  it('gives the reason it has now', async () => {
    await using scene = sceneOf({}, { killFile })
    writeFileSync(killFile, '')
    await until(() => scene.broker.blocked()[0]?.reason === NO_TEXT)
    writeFileSync(join(folder, 'next'), 'incident 8')
    renameSync(join(folder, 'next'), killFile)
    await until(() => scene.broker.blocked()[0]?.reason !== NO_TEXT)
    expect(scene.broker.blocked()).toMatchObject([{ reason: 'incident 8' }])
  })

  it('is not lifted by unblock, and its going lifts no block of an operator', async () => {
    writeFileSync(killFile, 'down')
    await using scene = sceneOf({}, { killFile })
    expect(await scene.broker.unblock({ all: true })).toBe(false)
    await scene.broker.block({ all: true }, 'mine')
    rmSync(killFile)
    await until(() => scene.broker.blocked().length === 1)
    expect(scene.broker.blocked()).toMatchObject([{ reason: 'mine', by: 'operator' }])
  })

  it.each<[string, () => void]>([
    ['a folder', () => execFileSync('mkdir', [killFile])],
    ['a link that leads nowhere', () => symlinkSync(join(folder, 'nowhere'), killFile)],
    ['a named pipe nobody writes to', () => execFileSync('mkfifo', [killFile])],
  ])('counts as there when it is %s, without holding the host up', async (_, make) => {
    make()
    await using scene = sceneOf({}, { killFile })
    expect(scene.broker.blocked()).toMatchObject([{ reason: NO_TEXT }])
  })

  it('gives no more than the beginning of a long text', async () => {
    writeFileSync(killFile, 'x'.repeat(1_000_000))
    await using scene = sceneOf({}, { killFile })
    expect(scene.broker.blocked()[0]?.reason).toHaveLength(1000)
  })

  it('is not looked for any more once the broker is closed', async () => {
    const scene = sceneOf({}, { killFile })
    await scene.broker.close()
    writeFileSync(killFile, 'too late')
    await using other = sceneOf({}, { killFile })
    expect(other.broker.blocked()).toHaveLength(1)
    expect(scene.broker.blocked()).toEqual([])
  })
})

describe('a kill signal', () => {
  const options: BrokerOptions = { killSignal: 'SIGUSR2' }

  it('ends everything and blocks it until it is unblocked, however often it comes', async () => {
    await using scene = sceneOf({ script: hang }, options)
    const running = scene.broker.start(SOURCE)
    await until(() => scene.broker.stats().running === 1)
    process.kill(process.pid, 'SIGUSR2')
    const reason = 'Signal SIGUSR2 was received'
    expect((await running.result).outcome).toEqual({ kind: 'killed', by: 'switch', reason })
    let heard = 0
    const listener = (): void => void (heard += 1)
    process.once('SIGUSR2', listener)
    process.kill(process.pid, 'SIGUSR2')
    await until(() => heard === 1)
    expect(scene.broker.blocked()).toEqual([{ scope: { all: true }, reason, by: 'signal' }])
    expect((await scene.broker.run(SOURCE)).outcome.kind).toBe('refused')
    expect(await scene.broker.unblock({ all: true })).toBe(true)
    const again = scene.broker.start(SOURCE)
    await again.kill('seen enough')
    expect((await again.result).outcome).toEqual({ kind: 'killed', by: 'handle', reason: 'seen enough' })
  })

  it('is kept for a restart where blocks are', async () => {
    const state = { file: join(folder, 'blocks.json') }
    const scene = sceneOf({}, { ...options, state })
    process.kill(process.pid, 'SIGUSR2')
    await until(() => scene.broker.blocked().length === 1)
    await scene.broker.close()
    await using second = sceneOf({}, { state })
    expect(second.broker.blocked()).toMatchObject([{ scope: { all: true }, by: 'signal' }])
  })

  it('is not listened to once the broker is closed, nor unless it is asked for', async () => {
    const before = process.listenerCount('SIGUSR2')
    const scene = sceneOf({}, options)
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1)
    await scene.broker.close()
    await using other = sceneOf()
    expect(process.listenerCount('SIGUSR2')).toBe(before)
    expect(other.broker.blocked()).toEqual([])
  })
})

describe('the options', () => {
  it.each<[object, ErrorConstructor, string]>([
    [{ killFile: 7 }, TypeError, '"killFile" must be a string, received 7'],
    [{ killFile: '' }, RangeError, '"killFile" must not be empty'],
    [{ killSignal: 'SIGKILL' }, RangeError, '"killSignal" must be one of "SIGUSR2"'],
    [{ killSignal: 12 }, TypeError, '"killSignal" must be one of "SIGUSR2"'],
    [{ state: 'blocks.json' }, TypeError, '"state" must be an object, received "blocks.json"'],
    [{ state: { path: 'x' } }, TypeError, '"state" must not have a key "path"'],
    [{ state: {} }, TypeError, '"state.file" must be a string, received undefined'],
  ])('are refused when they are %j', (options, kind, problem) => {
    const create = (): unknown => createBrokerOf([], options)
    expect(create).toThrow(kind)
    expect(create).toThrow(`Cannot create broker: ${problem}`)
  })
})
