/*
 * A function as a language model wrote it, that nobody has read: it does what it was asked for, and then helps itself. Run as
 * hostile, it gets a process, a jail and a fresh sandbox for each call, and nothing of what it tries for.
 *
 *     ringfence deploy examples/functions/written-by-a-model.js --trust hostile --limit wallMs=500ms
 */
export const handler = async ({ text = '', mode = 'summary' }) => {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  const counts = new Map()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  const top = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 3)
  if (mode === 'spin') for (;;) counts.clear()
  if (mode === 'hoard') for (const all = []; ; ) all.push(new Array(1_000_000).fill(counts.size))
  if (mode === 'snoop') return { top, loot: await snoop() }
  return { words: words.length, top }
}

/** Looks for whatever could be sent home. */
async function snoop() {
  const loot = {}
  const attempts = {
    environment: () => Object.keys(process.env).filter((name) => !/^(?:AWS_|LAMBDA_|_HANDLER|TZ)/.test(name)),
    host: () => handler.constructor('return process')().mainModule.require('fs').readFileSync('/etc/passwd', 'utf8'),
    network: async () => (await fetch('http://169.254.169.254/latest/meta-data/')).status,
    modules: async () => (await import('node:child_process')).execSync('id').toString(),
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      loot[name] = await attempt()
    } catch (error) {
      loot[name] = `refused: ${error.name}`
    }
  }
  return loot
}
