import net from 'node:net'
import { endSelf } from './end-self.ts'
import { FrameReader, framePort } from './frames.ts'
import { type IsolateEngineOptions, isolateEngine } from './isolate-engine.ts'
import { dropRights } from './permission.ts'
import { rehearse } from './rehearse.ts'
import { serve } from './serve.ts'

/** Orders come from the broker, which has checked their sizes. */
const ANY_SIZE = 2 ** 32
/** The descriptor of the pipe to the broker. */
const PIPE_FD = 3

/**
 * The far side in a child process: serves isolates over the pipe, and ends this process when the pipe closes, so that
 * a broker that exits or crashes leaves nothing behind.
 */
export const servePipe = async (options: IsolateEngineOptions): Promise<void> => {
  const pipe = new net.Socket({ fd: PIPE_FD, readable: true, writable: true })
  const engine = isolateEngine(options)
  await rehearse(engine)
  dropRights()
  serve(engine, framePort(pipe, new FrameReader(ANY_SIZE)), { sampling: true, onClose: endSelf })
}
