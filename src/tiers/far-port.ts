import { openPipe } from '../jail/pipe.ts'
import { FrameReader, framePort } from './frames.ts'
import { dropRights } from './permission.ts'
import type { Port } from './port.ts'

/** Orders come from the broker, which has checked their sizes. */
const ANY_SIZE = 2 ** 32

/**
 * Opens a child's port to the broker and gives up every right, in the one order that works: the pipe is opened while that
 * is allowed, then `load` loads all that will be needed, then nothing may be read or opened any more, and only then can
 * an order arrive.
 */
export const openFarPort = async <Out>(load: () => unknown): Promise<Port<Out>> => {
  const pipe = openPipe()
  await load()
  dropRights()
  return framePort<Out>(pipe, new FrameReader(ANY_SIZE))
}
