/**
 * The canary: runs where guests run, with everything that Node can do and no permission model, and tries what a guest
 * would try that has broken out of its isolate. It says what it could do; what it could not, it says nothing about.
 */
import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { type Bait, systemName, type Tracks } from './bait.ts'
import { backFd, openPipe } from './pipe.ts'

/** How long a connection may take that nothing stands in the way of, on the slowest machine; a refusal comes at once. */
const PATIENCE_MS = 2000
const CHUNK_BYTES = 64 * 1024 * 1024
/** As much as no child of ours may hold, in chunks. */
const CHUNKS = 64

const can = (attempt: () => boolean): boolean => {
  try {
    return attempt()
  } catch {
    // Denied, in whichever way: that is what is being found out.
    return false
  }
}

/** What was started and did not end in time has been started. */
const canStart = (command: string, args: readonly string[]): boolean =>
  can(() => {
    const { error } = spawnSync(command, args, { timeout: PATIENCE_MS })
    return error === undefined || error.message.includes('ETIMEDOUT')
  })

/** A file that is made has changed the machine, even where nothing may be written into it. */
const canWrite = (folders: readonly string[]): boolean =>
  folders.some((folder) =>
    can(() => {
      const file = join(folder, `canary-${process.pid}`)
      closeSync(openSync(file, 'wx'))
      can(() => unlinkSync(file) === undefined)
      return true
    }),
  )

const canAllocate = (): boolean =>
  can(() => Array.from({ length: CHUNKS }, () => new ArrayBuffer(CHUNK_BYTES)).length === CHUNKS)

/** Whether this settles well; what hangs or throws is denied. */
const settles = (start: (done: (well: boolean) => void) => void): Promise<boolean> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(false), PATIENCE_MS)
    if (!can(() => start(resolve) === undefined)) resolve(false)
  })

const connects = (to: net.NetConnectOpts): Promise<boolean> =>
  settles((done) => {
    const socket = net.connect(to, () => done(true))
    socket.on('error', () => done(false))
  })

const sends = (port: number): Promise<boolean> =>
  settles((done) => {
    const socket = dgram.createSocket('udp4')
    socket.on('error', () => done(false))
    socket.send('canary', port, '127.0.0.1', (error) => done(error === null))
  })

const listens = (): Promise<number> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(0), PATIENCE_MS)
    const server = net.createServer()
    server.on('error', () => resolve(0))
    server.listen(0, () => {
      const address = server.address()
      resolve(address !== null && typeof address === 'object' ? address.port : 0)
    })
  })

const tryAll = async ({ folder, secret, socket, parent, tcp, udp }: Bait): Promise<Tracks> => {
  const environments = [`/proc/${parent}/environ`, '/proc/1/environ']
  const [, , , port] = await Promise.all([
    connects({ port: tcp, host: '127.0.0.1' }),
    sends(udp),
    connects({ path: socket }),
    listens(),
  ])
  const done = {
    read: can(() => readFileSync(secret).length > 0),
    list: can(() => readdirSync(folder).length > 0),
    stat: can(() => existsSync(secret)),
    // bubblewrap tells where it has changed to, which is nobody's secret.
    environment:
      Object.keys(process.env).some((name) => name !== 'PWD') ||
      environments.some((file) => can(() => readFileSync(file).length > 0)),
    write: canWrite([folder, '/dev/shm', '/tmp', '/', import.meta.dirname]),
    spawn: canStart('/bin/sh', ['-c', ':']) || canStart(process.execPath, ['--version']),
    // A broker that is the first process of a container has the number that the canary may have in its own.
    signal: parent !== process.pid && can(() => process.kill(parent, 0)),
    processes: process.ppid !== 0,
    allocate: canAllocate(),
  }
  return { done, port, system: systemName() }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the bait comes from the broker, in its own words
const bait = JSON.parse(process.argv[2] ?? '') as Bait
const tracks = await tryAll(bait)
writeSync(backFd(), `${JSON.stringify(tracks)}\n`)
// The broker looks at this process from outside before it says go on; last comes what ends it where it is forbidden.
const pipe = openPipe()
// Its broker is gone, and nothing else ends it: it listens, where it is let.
for (const event of ['close', 'error'] as const) pipe.once(event, () => process.exit())
pipe.once('data', () => {
  can(() => process.setgid?.(process.getgid?.() ?? 0) === undefined)
  writeSync(backFd(), 'alive\n')
  process.exit()
})
