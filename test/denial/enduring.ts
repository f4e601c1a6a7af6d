import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const HOST = fileURLToPath(new URL('./enduring-host.ts', import.meta.url))

/** What a host in a process of its own says of each body it ran, until it has said it of all, dies, or is silent for too long. */
export async function endsOf(tier: 'vm' | 'worker', bodies: readonly string[], patienceMs: number): Promise<string[]> {
  const host = spawn(process.execPath, [HOST, tier, ...bodies], { stdio: ['ignore', 'pipe', 'ignore'] })
  const gone = once(host, 'exit')
  const ends: string[] = []
  let patience: NodeJS.Timeout | undefined
  try {
    for await (const line of createInterface(host.stdout)) {
      clearTimeout(patience)
      if (line !== 'ready') ends.push(line)
      if (ends.length === bodies.length) break
      patience = setTimeout(() => host.kill('SIGKILL'), patienceMs)
    }
  } finally {
    clearTimeout(patience)
    host.kill('SIGKILL')
    await gone
  }
  return ends
}
