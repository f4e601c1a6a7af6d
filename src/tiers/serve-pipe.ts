import { endSelf } from './end-self.ts'
import { openFarPort } from './far-port.ts'
import { type IsolateEngineOptions, isolateEngine } from './isolate-engine.ts'
import { keepWasmCode } from './permission.ts'
import { rehearse } from './rehearse.ts'
import { serve } from './serve.ts'

/**
 * The far side in a child process: serves isolates over the pipe, and ends this process when the pipe closes, so that
 * a broker that exits or crashes leaves nothing behind.
 */
export const servePipe = async (options: IsolateEngineOptions): Promise<void> => {
  keepWasmCode()
  const engine = isolateEngine(options)
  serve(engine, await openFarPort(() => rehearse(engine)), { sampling: true, onClose: endSelf })
}
