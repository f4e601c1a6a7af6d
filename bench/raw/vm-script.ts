import vm from 'node:vm'
import type { RawChannel } from './channel.ts'

const TIMEOUT_MS = 1000

/** A realm of its own and one script, run in it with a deadline each time. */
export function startVmScript(body = 'input'): RawChannel {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY)
  const script = new vm.Script(body)
  return {
    mechanism: 'Script.runInContext, timeout',
    call: (text) => {
      context['input'] = text
      return String(script.runInContext(context, { timeout: TIMEOUT_MS }))
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const freshScript = new vm.Script('(input) => input')

/** A new realm, and one script run in it with a deadline. */
export function runFreshVm(): void {
  freshScript.runInContext(vm.createContext(vm.constants.DONT_CONTEXTIFY), { timeout: TIMEOUT_MS })
}
