/** The process that fuzzes. Whatever its target does to it, its parent has been told what it was given. */
import { writeSync } from 'node:fs'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { runCheck, type Target } from '../../test/fuzz/target.ts'
import type { Errand, News } from './news.ts'

const NEWS = 3

/**
 * Written at once: what is told must be out before a target blocks this thread or ends this process. Readers of lines take
 * the two separators of Unicode for ends of lines, which JSON lets stand.
 */
const tell = (news: News): void => {
  const line = JSON.stringify(news).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  const bytes = Buffer.from(`${line}\n`)
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(NEWS, bytes, sent)
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- in the parent's own words
const errand = JSON.parse(process.argv[2] ?? '') as Errand
let over = false
process.stdin.on('end', () => (over = true)).resume()

/** Goes round the checks, each round from the next seed, until it is told to close or one fails. */
async function fuzz({ checks }: Target): Promise<void> {
  for (let { seed } = errand; ; seed += 1) {
    for (const [number, check] of checks.entries()) {
      // Cases that never wait would keep what the parent says from being heard.
      await setImmediate()
      if (over) return
      if (errand.check !== undefined && errand.check !== number) continue
      const { failure } = await runCheck(check, {
        seed,
        path: errand.path,
        isOver: () => over,
        watch: {
          began: (value, path) => tell({ kind: 'began', at: { seed, check: number, path }, value }),
          held: () => tell({ kind: 'held' }),
          failed: (why) => tell({ kind: 'failed', why }),
        },
      })
      if (failure === undefined) continue
      tell({ kind: 'shrunk', at: { seed, check: number, path: failure.path }, title: check.title, failure })
      return
    }
    if (errand.path !== undefined) return
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a module of targets is what the parent names
const { TARGETS } = (await import(errand.targets)) as { readonly TARGETS: readonly Target[] }
const target = TARGETS.find(({ name }) => name === errand.target)
if (target === undefined) throw new Error(`no target ${errand.target}`)
await fuzz(target)
tell({ kind: 'closing' })
await target.close?.()
tell({ kind: 'done', exempted: target.exempted?.() ?? {} })
process.exit()
