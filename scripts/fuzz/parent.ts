import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Errand, News, Place } from './news.ts'

/** How long a target may take for what. */
export interface Clock {
  readonly forMs: number
  /** For one case. */
  readonly patienceMs: number
}

/** How the fuzzing ended. There is always one, whatever became of the process that fuzzed. */
export interface Summary {
  readonly executions: number
  readonly tookMs: number
  /** Why it stopped, where it did not stop by itself when its time was over. */
  readonly ending?: string
  /** The smallest case that failed, or the one under way at a bad ending. */
  readonly finding?: Finding
}

export interface Finding {
  readonly at: Place
  readonly report: string
}

/** What the parent knows of its child. */
class Watched {
  executions = 0
  running: { readonly at: Place; readonly value: string } | undefined
  smallest: Finding | undefined
  closing = false
  done = false

  hear(news: News): void {
    if (news.kind === 'began') this.running = news
    else if (news.kind === 'held') this.#ended()
    else if (news.kind === 'failed') {
      const { running } = this
      if (running !== undefined) this.smallest = { at: running.at, report: `${running.value}\n${news.why}` }
      this.#ended()
    } else if (news.kind === 'shrunk') {
      this.smallest = { at: news.at, report: `${news.title}\n${news.failure?.report}` }
    } else if (news.kind === 'closing') this.closing = true
    else this.done = true
  }

  #ended(): void {
    this.executions += 1
    this.running = undefined
  }

  /** What to show: of a case that ended the child, this; else the smallest that failed. */
  finding(ending: string | undefined): Finding | undefined {
    if (ending === undefined || this.running === undefined) return this.smallest
    const before = this.smallest === undefined ? '' : `\nsmallest that failed before:\n${this.smallest.report}`
    return { at: this.running.at, report: `${ending}\n${this.running.value}${before}` }
  }
}

/** Fuzzes in a process of its own, on a clock that no target can stop. Nothing of it runs on afterwards. */
export async function fuzzApart(
  errand: Errand,
  { forMs, patienceMs }: Clock,
  onProgress: (executions: number, at: Place) => void = () => {},
): Promise<Summary> {
  const since = performance.now()
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./child.ts', import.meta.url)), JSON.stringify(errand)],
    {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      detached: true,
    },
  )
  const watched = new Watched()
  let complaint = ''
  let ending: string | undefined
  const { pid } = child
  const end = (why: string): void => {
    ending ??= why
    // The whole group: judges and hosts are children of the child.
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  }
  child.stdin?.on('error', () => {})
  child.stderr?.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)))
  const patience = setTimeout(
    () => end(watched.closing ? 'the target did not close' : 'a case did not end'),
    patienceMs,
  )
  let time: NodeJS.Timeout | undefined
  const news = child.stdio[3]
  if (!(news instanceof Readable)) throw new Error('Cannot fuzz: the process has no pipe to tell of its cases')
  const lines = createInterface({ input: news })
  lines.on('line', (line) => {
    patience.refresh()
    // Starting and loading the target is not fuzzing.
    time ??= setTimeout(() => child.stdin?.end(), forMs)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the child writes nothing else there
    watched.hear(JSON.parse(line) as News)
    if (watched.running !== undefined) onProgress(watched.executions, watched.running.at)
  })
  const gone = await new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(`the process ended with ${signal ?? code}`))
  })
  clearTimeout(patience)
  clearTimeout(time)
  if (!watched.done) ending ??= complaint === '' ? gone : `${gone}: ${complaint}`
  const finding = watched.finding(ending)
  return {
    executions: watched.executions,
    tookMs: performance.now() - since,
    ...(ending !== undefined && { ending }),
    ...(finding !== undefined && { finding }),
  }
}
