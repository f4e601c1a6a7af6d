import { createInterface, type Interface } from 'node:readline'
import { Readable } from 'node:stream'
import type { Execution } from '../core/types.ts'
import type { Session } from '../index.ts'
import { exitCodeOf } from './exit-codes.ts'
import { formatMs } from './format-quantity.ts'
import { isComplete } from './is-complete.ts'
import { renderLimits } from './render-decision.ts'
import { renderEnding } from './render-ending.ts'
import { renderLogs } from './render-logs.ts'
import { renderResult } from './render-result.ts'
import type { Terminal } from './terminal.ts'

const HELP = `Each text is evaluated where those before it were, and what it declares stays. It goes on until it is complete.
.tier    shows the trust, the tier and the workload that policy decided on
.limits  shows what each text may use
.usage   shows what the session has used
.break   forgets the lines of a text that is not complete
.exit    ends, as the end of the input does
.help    shows this
`

const READY = '> '
const GOES_ON = '… '

/** Reads texts line by line and has a session evaluate them, one after the other. */
export class Prompt {
  readonly #session: Session
  readonly #terminal: Terminal
  readonly #input: Readable
  readonly #lines: Interface
  readonly #isInteractive: boolean
  #text = ''
  #code = 0

  constructor(session: Session, terminal: Terminal) {
    this.#session = session
    this.#terminal = terminal
    this.#isInteractive = terminal.stdout.isTTY === true && terminal.stdin === process.stdin && process.stdin.isTTY
    this.#input = terminal.stdin instanceof Readable ? terminal.stdin : Readable.from(terminal.stdin)
    this.#lines = this.#isInteractive
      ? createInterface({ input: this.#input, output: process.stdout, prompt: READY })
      : createInterface({ input: this.#input, crlfDelay: Infinity })
    this.#lines.on('SIGINT', () => this.#interrupt())
  }

  /**
   * Answers with an exit code once the input or the session has ended: that of the last text that did not return, or 0.
   * Rejects with `RF_SESSION_ENDED` when the session ended between two texts, with the cause.
   */
  async run(): Promise<number> {
    void this.#session.ended.then(() => this.#lines.close())
    try {
      return await this.#evaluateLines()
    } finally {
      // A pipe that stays open would keep this process.
      this.#input.destroy()
    }
  }

  async #evaluateLines(): Promise<number> {
    this.#ask()
    for await (const line of this.#lines) {
      if (line.trim() === '.exit' || !(await this.#take(line))) return this.#code
      this.#ask()
    }
    if (this.#text !== '' || this.#session.state === 'ended') await this.#evaluate()
    return this.#code
  }

  /** Answers whether there is to be another line. */
  async #take(line: string): Promise<boolean> {
    const word = line.trim()
    if (word === '.break') this.#text = ''
    else if (/^\.[a-z]+$/.test(word) && (this.#text === '' || word === '.help')) {
      this.#terminal.stderr.write(this.#answer(word))
    } else {
      this.#text += this.#text === '' ? line : `\n${line}`
      if (this.#text.trim() !== '' && isComplete(this.#text)) return this.#evaluate()
    }
    return true
  }

  #answer(command: string): string {
    const { decision } = this.#session
    if (command === '.help') return HELP
    if (command === '.usage') {
      const { calls, cpuMs } = this.#session.usage()
      return `calls ${calls} · CPU ${formatMs(cpuMs)}\n`
    }
    if (decision.verdict === 'route') {
      if (command === '.tier') return `${decision.trust} ${decision.workload} code in tier "${decision.tier}"\n`
      if (command === '.limits') return renderLimits(decision.limits)
    }
    return `ringfence: There is no command "${command}"; .help lists those there are\n`
  }

  async #evaluate(): Promise<boolean> {
    const text = this.#text
    this.#text = ''
    const execution = await this.#session.evaluate(text)
    this.#print(execution)
    if (execution.outcome.kind !== 'returned') this.#code = exitCodeOf(execution.outcome)
    return this.#session.state !== 'ended'
  }

  #print(execution: Execution): void {
    const { stdout, stderr } = this.#terminal
    const { logs, outcome } = execution
    stderr.write(renderLogs(logs, stderr.isTTY === true))
    stderr.write(renderEnding(execution))
    if (outcome.kind === 'returned') stdout.write(renderResult(outcome.value, stdout.isTTY === true))
  }

  #ask(): void {
    if (!this.#isInteractive) return
    this.#lines.setPrompt(this.#text === '' ? READY : GOES_ON)
    this.#lines.prompt()
  }

  /** Ctrl-C ends what runs, and the session with it; else it forgets what was typed. */
  #interrupt(): void {
    if (this.#session.state === 'busy') void this.#session.kill('Interrupted')
    else {
      this.#text = ''
      this.#terminal.stdout.write('\n')
      this.#ask()
    }
  }
}
