import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

/** A control group for one child. Whoever opened it removes it. */
export interface ControlGroup {
  readonly name: string
  /** The file through which a process joins. */
  readonly list: string
  /** Sets how much memory of all kinds its processes may hold together; the kernel ends who wants more. */
  limit(bytes: number): void
  /** How much memory its processes hold together, with what the kernel keeps of files for them. */
  heldBytes(): number
  /** Whether the kernel has ended a process in it for want of memory. */
  ranOut(): boolean
  /** Removes it, once its processes are gone. */
  remove(): Promise<void>
}

/** The files of the two versions of control groups. */
interface Version {
  readonly limit: string
  readonly held: string
  /** Limits memory and swap together, or swap alone; kernels without swap accounting have neither. */
  readonly swap: string
  readonly swapFor: (bytes: number) => number
  readonly events: string
}

const V1: Version = {
  limit: 'memory.limit_in_bytes',
  held: 'memory.usage_in_bytes',
  swap: 'memory.memsw.limit_in_bytes',
  swapFor: (bytes) => bytes,
  events: 'memory.oom_control',
}
const V2: Version = {
  limit: 'memory.max',
  held: 'memory.current',
  swap: 'memory.swap.max',
  swapFor: () => 0,
  events: 'memory.events',
}

const PREFIX = 'ringfence-'
const MAX_PROCESSES = '512'
/** A group can be removed a moment after its last process was; then no more is tried than this. */
const REMOVE_TRIES = 50
const REMOVE_EVERY_MS = 20
let opened = 0

/**
 * Opens a group below one that was delegated to this process: a folder of the second version with memory among its
 * controllers, or of the memory controller of the first. Throws with the cause where that cannot be done.
 *
 * Only a group that an operator names is used. That this process can write to the one it is in does not mean that it
 * may: groups belong to whoever manages them, and in the second version one that holds processes can have no others.
 */
export const openGroup = (delegated: string): ControlGroup => {
  const version = existsSync(join(delegated, 'cgroup.controllers')) ? V2 : V1
  if (version === V2) passOn(delegated, availableIn(delegated))
  const name = `${PREFIX}${process.pid}-${opened}`
  opened += 1
  const folder = join(delegated, name)
  mkdirSync(folder)
  try {
    readFileSync(join(folder, version.limit))
    setIfThere(join(folder, 'pids.max'), MAX_PROCESSES)
    return groupIn(folder, version)
  } catch (cause) {
    rmdirSync(folder)
    throw new Error(`${delegated} does not control memory`, { cause })
  }
}

const groupIn = (folder: string, version: Version): ControlGroup => ({
  name: basename(folder),
  list: join(folder, 'cgroup.procs'),
  limit: (bytes) => {
    writeFileSync(join(folder, version.limit), String(bytes))
    setIfThere(join(folder, version.swap), String(version.swapFor(bytes)))
  },
  heldBytes: () => Number(readFileSync(join(folder, version.held), 'latin1')),
  ranOut: () => {
    try {
      return /^oom_kill [1-9]/m.test(readFileSync(join(folder, version.events), 'latin1'))
    } catch {
      // EMFILE, or somebody removed the group: what ended the child is then told by its signal alone.
      return false
    }
  },
  remove: () => remove(folder),
})

/** Those of the controllers wanted that a group of the second version has. Throws where memory is not among them. */
const availableIn = (delegated: string): readonly string[] => {
  const all = readFileSync(join(delegated, 'cgroup.controllers'), 'latin1').split(/\s+/)
  if (!all.includes('memory')) throw new Error(`${delegated} does not control memory`)
  return ['memory', 'pids'].filter((controller) => all.includes(controller))
}

/** Controllers are for the groups below only once they are passed on. */
const passOn = (delegated: string, controllers: readonly string[]): void => {
  const list = join(delegated, 'cgroup.subtree_control')
  const passed = readFileSync(list, 'latin1').split(/\s+/)
  for (const controller of controllers) if (!passed.includes(controller)) writeFileSync(list, `+${controller}`)
}

const setIfThere = (file: string, value: string): void => {
  if (existsSync(file)) writeFileSync(file, value)
}

const remove = async (folder: string): Promise<void> => {
  for (let tries = 0; tries < REMOVE_TRIES; tries += 1) {
    if (isRemoved(folder)) return
    await delay(REMOVE_EVERY_MS)
  }
}

const isRemoved = (folder: string): boolean => {
  try {
    rmdirSync(folder)
    return true
  } catch {
    // EBUSY: the kernel has not done with its last process yet.
    return !existsSync(folder)
  }
}

/** Removes what processes left behind that were killed; a group with processes in it stays. */
export const sweepGroups = (delegated: string): void => {
  for (const name of readdirSync(delegated)) {
    const pid = Number(/^ringfence-(\d+)-\d+$/.exec(name)?.[1])
    if (pid > 0 && !existsSync(`/proc/${pid}`)) isRemoved(join(delegated, name))
  }
}
