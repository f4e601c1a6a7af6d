import { once } from 'node:events'
import type { Readable } from 'node:stream'

/** What a process says first. Rejects when it ends without a word. */
export async function firstWords(stdout: Readable): Promise<string> {
  const ended = once(stdout, 'end').then(() => {
    throw new Error('the process ended without a word')
  })
  const [words] = (await Promise.race([once(stdout, 'data'), ended])) as [Buffer]
  return words.toString()
}
