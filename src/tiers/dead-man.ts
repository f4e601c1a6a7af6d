import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { RingfenceError } from '../core/errors.ts'
import { onBirth } from './births.ts'
import { BEATS_TO_STALL, type DeadManOptions } from './dead-man-options.ts'
import { entryUrl } from './entry-url.ts'

const SUPERVISOR_FLAGS = ['--no-warnings', '--disable-sigusr1', '--max-old-space-size=16']
const RESTART_AFTER_MS = 100
/** How long a supervisor may take to start, and to answer a beat from then on. Both are counted in beats. */
const START_MS = 10_000
const ANSWER_MS = 2000

/**
 * A small process beside the broker that hears from its event loop again and again, and knows all its children. When it
 * hears nothing any more, because this process was stopped, is stuck in a loop, or is gone, it ends them. Works from
 * outside, since neither a jailed child nor a guest's thread can see this process. Owns that process.
 */
export class DeadMan implements AsyncDisposable {
  readonly #options: DeadManOptions
  readonly #onLost: () => void
  readonly #children = new Set<number>()
  readonly #stopListening: () => void
  readonly #beatMs: number
  readonly #beat: NodeJS.Timeout
  #supervisor: ChildProcess
  #unanswered = 0
  #patienceMs = START_MS
  #restart: NodeJS.Timeout | undefined
  #closed = false

  /** Throws `RF_CARRIER_FAILED` when the process cannot be started. `onLost` is told each time it died and is replaced. */
  constructor(options: DeadManOptions, onLost: () => void) {
    this.#options = options
    this.#onLost = onLost
    this.#beatMs = options.stallMs / BEATS_TO_STALL
    this.#supervisor = this.#start()
    this.#stopListening = onBirth(({ group, gone }) => {
      this.#children.add(group)
      this.#say(`+${group}`)
      void gone.then(() => {
        this.#children.delete(group)
        this.#say(`-${group}`)
      })
    })
    this.#beat = setInterval(() => this.#onBeat(), this.#beatMs).unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#stopListening()
    clearInterval(this.#beat)
    clearTimeout(this.#restart)
    const supervisor = this.#supervisor
    if (supervisor.exitCode !== null || supervisor.signalCode !== null) return
    // Whoever waits for this has nothing else left that would keep the process alive until then.
    supervisor.ref()
    const gone = once(supervisor, 'exit')
    supervisor.kill('SIGKILL')
    await gone
  }

  #start(): ChildProcess {
    const { stallMs, endHost } = this.#options
    const entry = fileURLToPath(entryUrl('dead-man-entry'))
    // Those there are already are told with its very start: this process may be stopped right after it.
    const known = Array.from(this.#children, String)
    const args = [...SUPERVISOR_FLAGS, entry, String(stallMs), String(endHost ? process.pid : 0), ...known]
    const supervisor = spawn(process.execPath, args, {
      env: {},
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#unanswered = 0
    this.#patienceMs = START_MS
    supervisor.stdout?.on('data', () => {
      this.#unanswered = 0
      this.#patienceMs = ANSWER_MS
    })
    // What cannot be written is of no use any more: whoever should have read it is gone, which its exit tells.
    supervisor.stdin?.on('error', () => {})
    supervisor.on('error', () => {})
    supervisor.once('exit', () => this.#onExit())
    if (supervisor.pid === undefined) {
      throw new RingfenceError('RF_CARRIER_FAILED', 'Cannot create broker: the dead-man’s switch cannot be started')
    }
    supervisor.unref()
    for (const end of [supervisor.stdin, supervisor.stdout]) if (end instanceof Socket) end.unref()
    return supervisor
  }

  /**
   * One that does not answer, because it was stopped for instance, watches nobody. Counted in beats, like what it counts
   * itself: a host that was held up has its answers still to be read.
   */
  #onBeat(): void {
    if (this.#unanswered * this.#beatMs > this.#patienceMs) {
      this.#supervisor.kill('SIGKILL')
      return
    }
    this.#unanswered += 1
    this.#say('.')
  }

  #say(line: string): void {
    const { stdin } = this.#supervisor
    if (stdin?.writable === true) stdin.write(`${line}\n`)
  }

  #onExit(): void {
    if (this.#closed) return
    this.#onLost()
    this.#restart = setTimeout(() => this.#replace(), RESTART_AFTER_MS).unref()
  }

  #replace(): void {
    try {
      this.#supervisor = this.#start()
    } catch {
      // The machine has no room for a process just now; sooner or later it has.
      this.#restart = setTimeout(() => this.#replace(), RESTART_AFTER_MS).unref()
    }
  }
}
