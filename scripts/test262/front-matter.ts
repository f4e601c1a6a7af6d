/** What a test of test262 says of itself, as its INTERPRETING.md describes. */
export interface FrontMatter {
  readonly flags: ReadonlySet<string>
  readonly includes: readonly string[]
  readonly features: readonly string[]
  readonly negative: { readonly phase: string; readonly type: string } | undefined
}

const NOTHING: FrontMatter = { flags: new Set(), includes: [], features: [], negative: undefined }

/** Reads the four keys that matter out of the YAML between the marks. Lists stand on one line in brackets, or on lines of their own. */
export function readFrontMatter(source: string): FrontMatter {
  const yaml = /\/\*---([\s\S]*?)---\*\//.exec(source)?.[1]
  if (yaml === undefined) return NOTHING
  const lines = yaml.split(/\r\n?|\n/)
  const phase = keyUnder(lines, 'negative', 'phase')
  const type = keyUnder(lines, 'negative', 'type')
  return {
    flags: new Set(listOf(lines, 'flags')),
    includes: listOf(lines, 'includes'),
    features: listOf(lines, 'features'),
    negative: phase === undefined || type === undefined ? undefined : { phase, type },
  }
}

/** The lines below a key, up to the next key, and what stands beside it. */
function blockOf(lines: readonly string[], key: string): { readonly beside: string; readonly below: string[] } {
  const start = lines.findIndex((line) => line.trimEnd().startsWith(`${key}:`))
  if (start < 0) return { beside: '', below: [] }
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^\S/.test(line) && !line.startsWith('-'))
  return { beside: lines[start]?.slice(key.length + 1) ?? '', below: end < 0 ? rest : rest.slice(0, end) }
}

function listOf(lines: readonly string[], key: string): string[] {
  const { beside, below } = blockOf(lines, key)
  const text = [beside, ...below].map((line) => line.replace(/#.*$/, '').replace(/^\s*-\s/, ', ')).join(' ')
  return text
    .replaceAll(/[[\]]/g, '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function keyUnder(lines: readonly string[], key: string, wanted: string): string | undefined {
  const found = blockOf(lines, key).below.find((line) => line.trim().startsWith(`${wanted}:`))
  return found?.slice(found.indexOf(':') + 1).trim()
}
