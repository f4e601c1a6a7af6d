import type { JailKind } from './find-jail.ts'
import type { Denied } from './level.ts'

/**
 * The layers around a process, as the kernel shows them from outside in its `status` and `limits`; Landlock, of which it
 * shows nothing, by what it denied. A layer that was asked for and is not there is not named.
 */
export const layersOf = (kind: JailKind, status: string, limits: string, denied: Denied): readonly string[] => {
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  const own = Number(field('Uid').split(/\s+/)[0])
  const seen: readonly (readonly [layer: string, isThere: boolean])[] = [
    ['namespaces', field('NSpid').split(/\s+/).length > 1],
    ['landlock', kind === 'landlock' && denied.has('list')],
    ['seccomp', field('Seccomp') === '2' && denied.has('kernel')],
    ['no-new-privileges', field('NoNewPrivs') === '1'],
    ['no-capabilities', /^0+$/.test(field('CapEff')) && /^0+$/.test(field('CapPrm'))],
    ['own-user', process.getuid?.() === 0 && own > 0],
    ['rlimits', /^Max file size\s+0\s+0\s/m.test(limits)],
  ]
  return seen.flatMap(([layer, isThere]) => (isThere ? [layer] : []))
}
