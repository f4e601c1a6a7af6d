import dgram from 'node:dgram'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Attempt } from './level.ts'
import { makeFolder } from './own-folder.ts'

/** What is laid out for the canary: each thing open to everybody, so that only a wall can keep it from them. */
export interface Bait {
  readonly folder: string
  readonly secret: string
  readonly socket: string
  readonly parent: number
  readonly tcp: number
  readonly udp: number
}

/**
 * What the canary says it could do, besides what the broker sees for itself, the port it listens on (zero for none), and
 * which kernel it met.
 */
export interface Tracks {
  readonly done: Readonly<Partial<Record<Attempt, boolean>>>
  readonly port: number
  readonly system: string
}

/** How the kernel that a process runs under calls itself. */
export const systemName = (): string => `${os.type()} ${os.release()} ${os.version()}`

/** Bait that lies out. Whoever laid it takes it in. */
export interface LaidBait extends AsyncDisposable {
  readonly bait: Bait
  /** Which of the doors the canary has come to so far. */
  readonly reached: ReadonlySet<Attempt>
}

/** Lays out a readable secret in a writable folder, and listens where the canary will try to connect. */
export const layBait = async (): Promise<LaidBait> => {
  const folder = await makeFolder(os.tmpdir(), 'ringfence-canary')
  const takeIn = (): void => {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // EMFILE: what stays is bait and no secret, and an error here would change how this process ends.
    }
  }
  const doors: { close(): unknown }[] = []
  const takeAllIn = (): Promise<void> => {
    for (const door of doors.splice(0)) door.close()
    takeIn()
    process.off('exit', takeIn)
    return Promise.resolve()
  }
  // A host may exit while its canary still sings.
  process.once('exit', takeIn)
  const secret = join(folder, 'secret')
  const socket = join(folder, 'socket')
  await using laid = new AsyncDisposableStack()
  laid.defer(takeAllIn)
  await chmod(folder, 0o777)
  await writeFile(secret, 'secret')
  // After the fact, since a mask may take rights from what is made: then those would be the wall that was seen.
  await chmod(secret, 0o644)
  const reached = new Set<Attempt>()
  const servers = [doorOf('tcp', reached), doorOf('unix', reached)] as const
  const datagrams = dgram.createSocket('udp4', () => reached.add('udp'))
  doors.push(...servers, datagrams)
  servers[0].listen(0, '127.0.0.1')
  servers[1].listen({ path: socket, writableAll: true })
  datagrams.bind(0, '127.0.0.1')
  await Promise.all([...servers, datagrams].map((server) => once(server, 'listening')))
  const address = servers[0].address()
  const tcp = address !== null && typeof address === 'object' ? address.port : 0
  laid.move()
  return {
    bait: { folder, secret, socket, parent: process.pid, tcp, udp: datagrams.address().port },
    reached,
    [Symbol.asyncDispose]: takeAllIn,
  }
}

const doorOf = (attempt: Attempt, reached: Set<Attempt>): net.Server =>
  net.createServer((socket) => {
    reached.add(attempt)
    socket.on('error', () => {})
    socket.destroy()
  })
