import { describe, expect, it } from 'vitest'
import type { Engine, Realm, Turn } from '../../src/tiers/engine.ts'
import { InnerCarrier } from '../../src/tiers/inner-carrier.ts'
import { callOf, guestOf } from './far-side.ts'

const never = new AbortController().signal
const DONE: Turn = { kind: 'done', batch: 's-1;D0,4:J[1]' }
/** What no kernel of ours writes: a kind of record that there is not, and one longer than all there is. */
const NONSENSE = ['s-1;Z0,1:x', 's-1;D0,9999:x']
/** What has not even a state. */
const UNREADABLE = ['x', 'q5;', 's;', `p${'9'.repeat(40)};`]

/** An engine whose first guest has taken its kernel over, and which counts who is disposed of. */
function takenOver(batch: string): { readonly engine: () => Engine; readonly disposed: string[] } {
  const disposed: string[] = []
  let realms = 0
  let engines = 0
  const realm = (name: string, turn: Turn | Promise<Turn>): Realm => ({
    enter: () => turn,
    cpuMs: () => undefined,
    memoryBytes: () => undefined,
    dispose: () => void disposed.push(name),
  })
  const engine = (): Engine => {
    engines += 1
    const name = `engine ${engines}`
    return {
      equip: () => {},
      open: () => {
        realms += 1
        // The first waits for ever, the second talks nonsense, all others are well.
        if (realms === 1) return realm('realm 1', new Promise(() => {}))
        return realm(`realm ${realms}`, realms === 2 ? { kind: 'done', batch } : DONE)
      },
      dispose: () => void disposed.push(name),
    }
  }
  return { engine, disposed }
}

describe('a carrier in the host itself', () => {
  it.each(NONSENSE)(
    'ends with all its guests when one talks nonsense (%s), and another serves the next',
    async (batch) => {
      const { engine, disposed } = takenOver(batch)
      const carrier = new InnerCarrier({ engine, callsDirectly: true })
      const waiting = (await carrier.open(guestOf(), never)).run(callOf())
      const talking = (await carrier.open(guestOf(), never)).run(callOf())
      for (const ending of await Promise.all([waiting, talking])) {
        expect(ending).toMatchObject({ kind: 'crashed', detail: expect.stringContaining('kernel') })
      }
      expect(disposed.toSorted()).toEqual(['engine 1', 'realm 1', 'realm 2'])
      expect(carrier.size).toBe(0)
      const next = await carrier.open(guestOf(), never)
      expect(await next.run(callOf())).toEqual({ kind: 'returned', text: 'J[1]' })
      await next.kill()
      carrier.close()
      expect(disposed).toContain('engine 2')
    },
  )

  it.each(UNREADABLE)('ends the guest alone whose kernel writes what has no state (%s)', async (batch) => {
    const { engine } = takenOver(batch)
    const carrier = new InnerCarrier({ engine, callsDirectly: true })
    void (await carrier.open(guestOf(), never)).run(callOf())
    const failed = await (await carrier.open(guestOf(), never)).run(callOf())
    expect(failed).toMatchObject({ kind: 'crashed', detail: expect.stringContaining('engine failed') })
    const next = await carrier.open(guestOf(), never)
    expect(await next.run(callOf())).toEqual({ kind: 'returned', text: 'J[1]' })
    carrier.close()
  })

  it('serves nobody once it was closed', async () => {
    const carrier = new InnerCarrier({ engine: takenOver('').engine, callsDirectly: true })
    carrier.close()
    await expect(carrier.open(guestOf(), never)).rejects.toMatchObject({ code: 'RF_CARRIER_FAILED' })
  })
})
