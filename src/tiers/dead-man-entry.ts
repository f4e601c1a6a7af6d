import process from 'node:process'
import { BEATS_TO_STALL } from './dead-man-options.ts'
import { processStat } from './process-stat.ts'

const stallMs = Number(process.argv[2])
/** The host, when it is to be ended too; zero otherwise. */
const hostPid = Number(process.argv[3])

/** When a process began, which tells it from a later one of the same number; undefined where `/proc` does not tell. */
const birthOf = (pid: number): string | undefined => processStat(pid)?.birth

/** The groups of those children that were there before this process. */
const known = process.argv.slice(4).map(Number)
const children = new Map(known.map((pid): [number, string | undefined] => [pid, birthOf(pid)]))
const hostBirth = birthOf(hostPid)
let missed = 0

const end = (pid: number, birth: string | undefined, target: number): void => {
  if (birthOf(pid) !== birth) return
  try {
    process.kill(target, 'SIGKILL')
  } catch {
    // ESRCH: it is gone already, which is what was wanted.
  }
}

const endChildren = (): void => {
  for (const [pid, birth] of children) end(pid, birth, -pid)
  children.clear()
}

const take = (line: string): void => {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) children.set(pid, birthOf(pid))
  else if (line.startsWith('-')) children.delete(pid)
}

let rest = ''
// A host that is gone reads no answer; what there is to do then begins with the end of the other pipe.
process.stdout.on('error', () => {})
process.stdin.setEncoding('latin1').on('data', (text: string) => {
  missed = 0
  process.stdout.write('.')
  const lines = `${rest}${text}`.split('\n')
  rest = lines.pop() ?? ''
  lines.forEach(take)
})
process.stdin.on('close', () => {
  endChildren()
  process.exit()
})
// Counted in its own beats and not by a clock: where this process was held up itself, or the whole machine slept, what
// the host said meanwhile is still to be read.
setInterval(() => {
  missed += 1
  if (missed <= BEATS_TO_STALL) return
  endChildren()
  if (hostPid > 0) end(hostPid, hostBirth, hostPid)
}, stallMs / BEATS_TO_STALL)
