import vm from 'node:vm'
import { WEB_FILE } from './guest-text.ts'

let known: { readonly text: string; readonly script: vm.Script } | undefined

/** The web platform's script, compiled once for all realms of this thread. */
export const webScript = (text: string): vm.Script => {
  if (known?.text !== text) known = { text, script: new vm.Script(text, { filename: WEB_FILE }) }
  return known.script
}
