import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { ProgramKind } from '../../src/program/prepare.ts'

let child: ChildProcess | undefined

const started = (): ChildProcess => {
  child ??= fork(new URL('./v8-judge.ts', import.meta.url), {
    execArgv: ['--experimental-vm-modules', '--no-warnings'],
  })
  return child
}

/** What V8 has against a text as a program of a kind; nothing where it would run it. */
export async function complaintOfV8(kind: ProgramKind, text: string): Promise<string | undefined> {
  const judge = started()
  const settled = new AbortController()
  const { signal } = settled
  const answer = once(judge, 'message', { signal })
  const gone = once(judge, 'exit', { signal }).then(([code, by]: unknown[]) => {
    child = undefined
    throw new Error(`V8 ended with ${String(by ?? code)} over a text of kind ${kind}`)
  })
  judge.send({ kind, text })
  try {
    const [complaint]: unknown[] = await Promise.race([answer, gone])
    return typeof complaint === 'string' ? complaint : undefined
  } finally {
    settled.abort()
    await Promise.allSettled([answer, gone])
  }
}

/** Ends the process that was asked. */
export async function dismissJudge(): Promise<void> {
  const judge = child
  child = undefined
  if (judge === undefined) return
  const gone = once(judge, 'exit')
  judge.disconnect()
  await gone
}
