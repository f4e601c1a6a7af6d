import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { Told } from './lossy-host.ts'

const HOST = fileURLToPath(new URL('./lossy-host.ts', import.meta.url))

/** In a process of its own, since nothing but its end frees the threads. */
async function hear(): Promise<Told> {
  const host = spawn(process.execPath, [HOST], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line]: readonly unknown[] = await once(createInterface(host.stdout), 'line')
    return JSON.parse(String(line)) as Told
  } finally {
    host.kill('SIGKILL')
  }
}

it('gives up threads that cannot be ended, tells so, serves on, and refuses once four are lost', {
  timeout: 60_000,
}, async () => {
  const { lost, refused, ...told } = await hear()
  expect(told).toEqual({
    endings: ['wallMs', 'wallMs', 'wallMs'],
    killed: 'killed',
    listed: 4,
    served: 'returned',
    elsewhere: 'returned',
    code: 'RF_THREADS_LOST',
  })
  expect(lost.map(({ tier }) => tier)).toEqual(['worker', 'worker', 'worker', 'worker'])
  expect(new Set(lost.map(({ threadId }) => threadId)).size).toBe(4)
  expect(refused).toContain('4 threads of the worker tier are held')
})
