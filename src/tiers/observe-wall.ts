import { readFileSync } from 'node:fs'
import net from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { IsolationReport, MissingLayer } from '../core/isolation.ts'
import { type LaidBait, layBait, systemName, type Tracks } from '../jail/bait.ts'
import { layersOf } from '../jail/layers.ts'
import { ATTEMPTS, type Attempt, type Denied, levelOf } from '../jail/level.ts'
import type { OuterRuntime } from '../jail/outer-runtime.ts'
import { type Child, spawnChild } from './child.ts'
import { entryUrl } from './entry-url.ts'
import { behind, type Wall } from './wall.ts'

/** A child that serves one guest has a limit of data; one that serves many has not. */
export type Occupancy = 'exclusive' | 'shared'

const PATIENCE_MS = 20_000
/** Room for Node itself, of which half a gigabyte are addresses, and no more. */
const BOUNDS = { dataBytes: 832 * 1024 * 1024 }
/** As long as a datagram may lie in a socket of this very process. */
const DATAGRAM_MS = 20
const CONNECT_MS = 2000
/** How long a failure to look is believed. */
const LOOK_AGAIN_MS = 5000
/** The layer that only children of one guest have. */
const DATA_LIMIT = 'data-limit'

const observed = new Map<string, Promise<IsolationReport>>()

/**
 * Tells how strong a wall is by letting the canary loose behind it, once in the life of this process for each kind of
 * wall. Never rejects: a wall that cannot be looked at, or cannot be had, is none.
 */
export const observeWall = async (wanted: Promise<Wall>, occupancy: Occupancy): Promise<IsolationReport> => {
  let isOurs = true
  try {
    const wall = await wanted
    isOurs = wall.outer === undefined
    const key = `${wall.jail?.kind ?? wall.outer?.identity ?? ''} ${wall.openGroup === undefined ? '' : 'in a group'}`
    const report = observed.get(key) ?? observe(wall)
    observed.set(key, report)
    // What kept the canary from starting may be over soon: a machine that was out of descriptors, for one.
    report.catch(() => setTimeout(() => observed.delete(key), LOOK_AGAIN_MS).unref())
    const { level, layers, missing } = await report
    return {
      level,
      layers: occupancy === 'exclusive' ? layers : layers.filter((layer) => layer !== DATA_LIMIT),
      missing: [...wall.missing, ...missing],
    }
  } catch (error) {
    return { level: 'none', layers: [], missing: [unseen(error, isOurs)] }
  }
}

const unseen = (error: unknown, isOurs: boolean): MissingLayer => ({
  layer: 'jail',
  cause: error instanceof Error ? error.message : String(error),
  fix: isOurs
    ? 'Set the option "jail" to "auto", install bubblewrap and perl, and give the host a folder for temporary files that it can write to (TMPDIR)'
    : 'See that the runtime starts by hand, and passes on what its transport takes (docs/outer-runtimes.md)',
})

const observe = async (wall: Wall): Promise<IsolationReport> => {
  await using laid = await layBait()
  const placed = behind(wall, BOUNDS)
  const { group } = placed
  const child = spawnChild({
    ...placed,
    nodeFlags: ['--no-warnings', '--openssl-config=/dev/null'],
    entry: entryUrl('../jail/canary-entry'),
    args: [JSON.stringify(laid.bait)],
  })
  const patience = setTimeout(() => void child.end(), PATIENCE_MS)
  try {
    return await follow(child, wall, laid, group?.name)
  } finally {
    clearTimeout(patience)
    await child.end()
    await group?.remove()
  }
}

const follow = async (
  child: Child,
  wall: Wall,
  { reached }: LaidBait,
  group: string | undefined,
): Promise<IsolationReport> => {
  const lines = createInterface({ input: child.pipe })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done === true) throw new Error(`the canary did not sing: ${await child.gone}`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the canary is ours, and nobody else is in there
  const { done, port, system } = JSON.parse(first.value) as Tracks
  const seen = { status: readProcess(child.pid, 'status'), limits: readProcess(child.pid, 'limits') }
  const grouped = group !== undefined && readProcess(child.pid, 'cgroup').includes(`/${group}\n`)
  const listening = port > 0 && (await isReachable(port))
  await delay(DATAGRAM_MS)
  child.pipe.write('go on\n')
  const survived = (await lines.next()).done !== true
  const allowed: Readonly<Partial<Record<Attempt, boolean>>> = {
    ...done,
    tcp: reached.has('tcp'),
    udp: reached.has('udp'),
    unix: reached.has('unix'),
    listen: listening,
    kernel: survived,
  }
  const denied: Denied = new Set(ATTEMPTS.filter((attempt) => allowed[attempt] === false))
  const layers = wall.jail === undefined ? [] : layersOf(wall.jail.kind, seen.status, seen.limits, denied)
  const limited = denied.has('allocate')
  const outer = wall.outer === undefined ? undefined : outerLayers(wall.outer, system)
  return {
    level: levelOf(denied, outer !== undefined),
    layers: [...(outer?.layers ?? layers), ...(grouped ? ['cgroup'] : []), ...(limited ? [DATA_LIMIT] : [])],
    missing: [...(outer?.missing ?? []), ...(limited || wall.jail === undefined ? [] : [NO_DATA_LIMIT])],
  }
}

/** What a runtime is called, and whether the canary met another kernel in it than ours. */
const outerLayers = (
  { name, claimsOwnKernel }: OuterRuntime,
  system: string,
): Pick<IsolationReport, 'layers' | 'missing'> => {
  if (system !== systemName()) return { layers: [name, OWN_KERNEL], missing: [] }
  return { layers: [name], missing: claimsOwnKernel ? [NO_OWN_KERNEL] : [] }
}

const OWN_KERNEL = 'own-kernel'
const NO_OWN_KERNEL: MissingLayer = {
  layer: OWN_KERNEL,
  cause: 'the canary met the kernel of the host',
  fix: 'See that the program of that name is the runtime that it should be',
}

const NO_DATA_LIMIT: MissingLayer = {
  layer: DATA_LIMIT,
  cause: 'the canary could hold more memory than its limit',
  fix: 'Use a kernel of 4.7 or later, which counts all private memory',
}

const readProcess = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    // No /proc here, or not for us: layers that only it shows are not named.
    return ''
  }
}

const isReachable = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    setTimeout(() => socket.destroy(), CONNECT_MS).unref()
    socket.once('connect', () => socket.destroy())
    socket.once('close', () => resolve(false))
  })
