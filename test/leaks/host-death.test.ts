import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { childrenOf, eventually, isAlive } from './held.ts'

const SCRIPT = fileURLToPath(new URL('./host-script.ts', import.meta.url))

test.each(['exit', 'abort', 'throw', 'SIGKILL', 'SIGTERM'])(
  'a host that dies by %s leaves no child behind, not even one that is stuck in a built-in',
  { timeout: 60_000 },
  async (death) => {
    const host = spawn(process.execPath, [SCRIPT, death], { stdio: ['ignore', 'pipe', 'ignore'] })
    const { pid } = host
    if (pid === undefined) throw new Error('the host did not start')
    const gone = once(host, 'exit')
    let children: readonly number[] = []
    const timer = setInterval(() => {
      children = [...new Set([...children, ...childrenOf(pid)])]
    }, 50)
    await once(host.stdout, 'data')
    clearInterval(timer)
    if (death === 'SIGKILL' || death === 'SIGTERM') host.kill(death)
    await gone
    expect(children.length).toBeGreaterThanOrEqual(3)
    const left = (): readonly number[] => children.filter(isAlive)
    expect(await eventually(() => left().length === 0, 3000), `left: ${left().join()}`).toBe(true)
  },
)
