/** A process of its own that asks V8 about texts: it compiles them and runs nothing. */
import { compileFunction, Script, SourceTextModule } from 'node:vm'

const judge = (kind: unknown, text: string): string | null => {
  try {
    if (kind === 'module') void new SourceTextModule(text)
    else if (kind === 'commonjs') compileFunction(text, ['exports', 'require', 'module', '__filename', '__dirname'])
    else void new Script(text)
    return null
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

process.on('message', ({ kind, text }: { readonly kind: string; readonly text: string }) => {
  process.send?.(judge(kind, text))
})
process.on('disconnect', () => process.exit())
