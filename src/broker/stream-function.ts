import { encode } from '../core/codec.ts'
import type { HostFunction } from '../core/sandbox.ts'
import { admitted, type CallerBox, plainError, textOnly } from './host-functions.ts'

const ATTEMPT = 'Cannot give a chunk'
const TAKING = 'Cannot take an item of the input'

/** The host function to which a kernel gives the chunks of a call. Each is counted by its bytes instead of by `hostCalls`. */
export function streamFunction(box: CallerBox): HostFunction {
  return {
    sync: false,
    ofKernel: true,
    async invoke(text, signal) {
      const { caller } = box
      if (caller === undefined || signal.aborted) throw plainError('Error', `${ATTEMPT}: no call is running`)
      const answer = caller.putChunk(text)
      if (answer !== undefined) return encode(await answer)
      // ATTACK: a far side in the hands of its guest sends a flood of chunks to a call that takes none, or none now.
      admitted(ATTEMPT, box, signal)
      throw plainError('Error', `${ATTEMPT}: it is not the turn of one`)
    },
  }
}

/** The host function from which a kernel takes what a call is given item by item, counted by its bytes. */
export function inputFunction(box: CallerBox): HostFunction {
  return {
    sync: false,
    ofKernel: true,
    async invoke(_, signal) {
      const { caller } = box
      if (caller === undefined || signal.aborted) throw plainError('Error', `${TAKING}: no call is running`)
      const answer = caller.takeInput()
      if (answer !== undefined) return answer.catch(rethrowText)
      // ATTACK: a far side in the hands of its guest asks for item after item, and waits for none.
      admitted(TAKING, box, signal)
      throw plainError('Error', `${TAKING}: it is not the turn of one`)
    },
  }
}

function rethrowText(error: unknown): never {
  throw textOnly(error)
}
