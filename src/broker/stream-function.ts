import { encode } from '../core/codec.ts'
import type { HostFunction } from '../core/sandbox.ts'
import { admitted, type CallerBox, plainError } from './host-functions.ts'

const ATTEMPT = 'Cannot give a chunk'

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
