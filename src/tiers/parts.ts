import vm from 'node:vm'
import type { Part } from '../web/web-text.ts'
import { PART_FILES } from './guest-text.ts'
import type { KernelConfig } from './protocol.ts'

const known = new Map<Part, { readonly text: string; readonly script: vm.Script }>()

/** The script of the web platform or of Node's modules, compiled once for all realms of this thread. */
export const partScript = (text: string, part: Part): vm.Script => {
  const before = known.get(part)
  if (before?.text === text) return before.script
  const script = new vm.Script(text, { filename: PART_FILES[part] })
  known.set(part, { text, script })
  return script
}

/** What a realm is to be equipped with. */
export const partsOf = ({ web, node }: Pick<KernelConfig, 'web' | 'node'>): readonly Part[] => [
  ...(web === undefined ? [] : ['web' as const]),
  ...(node === undefined ? [] : ['node' as const]),
]
