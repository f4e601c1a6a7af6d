// The far end of a pipe used by hand: u32-length frames on descriptor 3, answered in the order they come. Plain
// JavaScript, so that its start pays for no stripping of types.
import net from 'node:net'
import process from 'node:process'
import ivm from 'isolated-vm'
import { misbehave } from './misbehave.js'

/** @typedef {(text: string) => string} Answer */

const LENGTH_BYTES = 4

/**
 * A warm isolate, entered with a deadline each time.
 * @param {string} source
 * @returns {Answer}
 */
function isolateAnswer(source) {
  const context = new ivm.Isolate({ memoryLimit: 64 }).createContextSync()
  /** @type {ivm.Reference<Answer>} */
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- isolated-vm types as any what it evaluates
  const enter = context.evalSync(source, { reference: true })
  return (text) => enter.applySync(undefined, [text], { timeout: 1000 })
}

/** @type {Readonly<Record<string, () => Answer>>} */
const ANSWERS = {
  echo: () => (text) => text,
  isolate: () => isolateAnswer('(text) => text'),
  'isolate-json': () => isolateAnswer('(text) => JSON.stringify(JSON.parse(text))'),
}

/** @param {string} text */
function frame(text) {
  const bytes = Buffer.byteLength(text)
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + bytes)
  framed.writeUInt32LE(bytes, 0)
  framed.write(text, LENGTH_BYTES)
  return framed
}

const answer = ANSWERS[process.argv[2] ?? 'echo']?.()
if (answer === undefined) throw new Error(`Cannot answer: there is no way named "${process.argv[2]}"`)
const pipe = new net.Socket({ fd: 3, readable: true, writable: true })
/** @type {Buffer[]} */
let held = []
let heldBytes = 0
let wanted = LENGTH_BYTES
pipe.on('data', (/** @type {Buffer} */ chunk) => {
  held.push(chunk)
  heldBytes += chunk.length
  if (heldBytes < wanted) return
  const bytes = held.length === 1 ? chunk : Buffer.concat(held)
  let at = 0
  wanted = LENGTH_BYTES
  pipe.cork()
  while (bytes.length - at >= LENGTH_BYTES) {
    const end = at + LENGTH_BYTES + bytes.readUInt32LE(at)
    if (end > bytes.length) {
      wanted = end - at
      break
    }
    const text = bytes.toString('utf8', at + LENGTH_BYTES, end)
    misbehave(text)
    pipe.write(frame(answer(text)))
    at = end
  }
  pipe.uncork()
  const rest = bytes.subarray(at)
  held = rest.length === 0 ? [] : [rest]
  heldBytes = rest.length
})
pipe.on('close', () => process.exit())
