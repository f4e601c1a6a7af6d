/** Opens sandboxes, or their raw counterparts, in a process of its own and prints what each of them holds. */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import vm from 'node:vm'
import type { TierId } from '../../src/index.ts'
import { type RawChild, startChildPipe } from '../raw/child-pipe.ts'
import { makeIsolate } from '../raw/isolate.ts'
import { startMessageThread } from '../raw/message-thread.ts'
import { ECHO, loadIn, ROUTES, TIERS } from '../routes.ts'

/** In which carriers and spares that start behind the broker's back come to rest. */
const REST_MS = 700

/** Proportional set size: what is shared with others counts by its share. */
function pssBytes(pid: number): number {
  const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')) ?? []
  if (kib === undefined) throw new Error(`Cannot measure memory: the system does not tell of process ${pid}`)
  return Number(kib) * 1024
}

async function weigh(pids: () => Iterable<number>): Promise<number> {
  await pause(REST_MS)
  globalThis.gc?.()
  return [...new Set([process.pid, ...pids()])].map(pssBytes).reduce((sum, bytes) => sum + bytes, 0)
}

async function weighOurs(tier: TierId, count: number): Promise<number> {
  await using loaded = await loadIn(tier, ECHO)
  const { broker } = loaded
  const pids = () => broker.stats().tiers.flatMap(({ carriers }) => carriers.flatMap(({ pid }) => pid ?? []))
  const before = await weigh(pids)
  await using more = await broker.load(ECHO, { ...ROUTES[tier], pool: { min: count, max: count } })
  const after = await weigh(pids)
  if (more.decision.verdict !== 'route') throw new Error('Cannot measure memory: the program was refused')
  return (after - before) / count
}

async function weighRaw(tier: TierId, count: number): Promise<number> {
  await using owned = new AsyncDisposableStack()
  const kept: unknown[] = []
  const children: RawChild[] = []
  const open = async (): Promise<void> => {
    switch (tier) {
      case 'vm':
        kept.push(vm.runInContext('(text) => text', vm.createContext(vm.constants.DONT_CONTEXTIFY)))
        return
      case 'worker':
        owned.use(await startMessageThread())
        return
      case 'isolate':
        kept.push(makeIsolate())
        return
      case 'process':
        children.push(owned.use(await startChildPipe('isolate')))
    }
  }
  await open()
  const pids = () => children.map(({ pid }) => pid)
  const before = await weigh(pids)
  for (let n = 0; n < count; n += 1) await open()
  const after = await weigh(pids)
  return (after - before) / (kept.length > 0 ? kept.length - 1 : count)
}

const [, , side, name, count] = process.argv
const tier = TIERS.find((known) => known === name)
if (tier === undefined) throw new Error(`Cannot measure memory: there is no tier "${name}"`)
const bytesEach = await (side === 'ours' ? weighOurs : weighRaw)(tier, Number(count))
process.stdout.write(JSON.stringify({ bytesEach }))
