import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { InOrder, type RawChannel } from './channel.ts'
import { frame, readFrames } from './frames.ts'

/** What the child does with a text: sends it back, or enters a warm isolate with it. */
export type ChildAnswer = 'echo' | 'isolate' | 'isolate-json'

const MECHANISMS: Readonly<Record<ChildAnswer, string>> = {
  echo: 'pipe to a child',
  isolate: 'pipe to a child + applySync',
  'isolate-json': 'pipe to a child + applySync, JSON',
}

/** A child process behind a plain pipe. */
export interface RawChild extends RawChannel {
  readonly pid: number
  /** Ends it by SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** Spawns a child that answers frames on a pipe of its own, and waits for its first answer. */
export async function startChildPipe(answer: ChildAnswer): Promise<RawChild> {
  const entry = fileURLToPath(import.meta.resolve('../far/pipe-child.js'))
  const child = spawn(process.execPath, [entry, answer], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
  const gone = once(child, 'exit')
  const pipe = child.stdio[3]
  if (child.pid === undefined || !(pipe instanceof Duplex)) throw new Error('Cannot start a child: it has no pipe')
  const answers = new InOrder()
  pipe.on(
    'data',
    readFrames((text) => answers.answer(text)),
  )
  let corked = false
  const uncork = (): void => {
    corked = false
    pipe.uncork()
  }
  const call = (text: string): Promise<string> => {
    if (!corked) {
      corked = true
      pipe.cork()
      queueMicrotask(uncork)
    }
    pipe.write(frame(text))
    return answers.next()
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
    pipe.destroy()
  }
  await call('"hello"')
  return { mechanism: MECHANISMS[answer], pid: child.pid, call, kill, [Symbol.asyncDispose]: kill }
}
