import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
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
  /** How many cases were let off, by why; nothing where it did not stop by itself. */
  readonly exempted: Readonly<Record<string, number>>
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
  exempted: Readonly<Record<string, number>> | undefined

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
    else this.exempted = news.exempted
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

/** How long after the end of the process what it told is still read: somebody who was left behind may hold the pipe. */
const DRAIN_MS = 1000

/** The lines of a pipe. What the end of the process cut off is no line. */
async function* linesOf(news: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const text of news.setEncoding('utf8')) {
    const [first = '', ...more] = String(text).split('\n')
    const last = more.pop()
    if (last === undefined) rest += first
    else {
      yield rest + first
      yield* more
      rest = last
    }
  }
}

/** Ends a process and all that it started, of whom some may be gone. */
const endGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: nobody is left.
  }
}

/** What is told by a process that fuzzes, until it is over: by itself, for want of patience, or since its time is up. */
async function attend(
  child: ChildProcess,
  { forMs, patienceMs }: Clock,
  hear: (line: string) => string,
): Promise<string> {
  const news = child.stdio[3]
  if (!(news instanceof Readable)) throw new Error('Cannot fuzz: the process has no pipe to tell of its cases')
  const { promise: over, resolve: end } = Promise.withResolvers<string>()
  let complaint = ''
  let waitsFor = 'a case did not end'
  child.stderr?.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)))
  child.once('exit', (code, signal) => {
    setTimeout(() => news.destroy(), DRAIN_MS)
    const gone = `the process ended with ${signal ?? code}`
    end(complaint === '' ? gone : `${gone}: ${complaint}`)
  })
  const patience = setTimeout(() => end(waitsFor), patienceMs)
  const clocks = [patience]
  const listen = async (): Promise<void> => {
    for await (const line of linesOf(news)) {
      patience.refresh()
      waitsFor = hear(line)
      // Starting and loading the target is not fuzzing.
      if (clocks.length > 1) continue
      clocks.push(setTimeout(() => child.stdin?.end(), forMs))
      // The last case and the closing are waited for as long as patience lasts, each.
      clocks.push(setTimeout(() => end('it went on after its time'), forMs + 2 * patienceMs))
    }
  }
  // Destroyed by us, or broken by the end of the process.
  const heard = listen().catch(() => {})
  const why = await over
  for (const clock of clocks) clearTimeout(clock)
  endGroup(child.pid)
  await heard
  return why
}

/** Fuzzes in a process of its own, on a clock that no target can stop. Nothing of it runs on afterwards. */
export async function fuzzApart(
  errand: Errand,
  clock: Clock,
  onProgress: (executions: number, at: Place) => void = () => {},
): Promise<Summary> {
  const since = performance.now()
  const entry = fileURLToPath(new URL('./child.ts', import.meta.url))
  const child = spawn(process.execPath, [entry, JSON.stringify(errand)], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    // The group holds judges and hosts, which are children of the child.
    detached: true,
  })
  child.stdin?.on('error', () => {})
  const watched = new Watched()
  const why = await attend(child, clock, (line) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the child writes nothing else there
    watched.hear(JSON.parse(line) as News)
    if (watched.running !== undefined) onProgress(watched.executions, watched.running.at)
    return watched.closing ? 'the target did not close' : 'a case did not end'
  })
  const ending = watched.exempted === undefined ? why : undefined
  const finding = watched.finding(ending)
  return {
    executions: watched.executions,
    tookMs: performance.now() - since,
    exempted: watched.exempted ?? {},
    ...(ending !== undefined && { ending }),
    ...(finding !== undefined && { finding }),
  }
}
