/**
 * Reads the hand-written programs, which stand in text files by topic:
 *
 *     #### Title of a program [once]
 *     @@ name.ts        (what follows is the file of this name; the first of all is the entry, `program.ts` when not named)
 *     source
 *     ----
 *     returned 42
 *     log: a line
 *
 * `[once]` marks a program whose second call in one sandbox differs, because of what it keeps at its top level.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { ParityProgram } from './program.ts'

const FOLDER = new URL('./programs/', import.meta.url)
const ONCE = ' [once]'

/** All hand-written programs, in the order of their files. */
export function readPrograms(): readonly ParityProgram[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .toSorted()
    .flatMap((name) => parseTopic(name.slice(0, -'.txt'.length), readFileSync(new URL(name, FOLDER), 'utf8')))
}

const parseTopic = (topic: string, text: string): readonly ParityProgram[] =>
  text
    .split(/^#### /m)
    .slice(1)
    .map((section) => parseProgram(topic, section))

const parseProgram = (topic: string, section: string): ParityProgram => {
  const [heading = '', ...lines] = section.split('\n')
  const split = lines.indexOf('----')
  if (split === -1) throw new Error(`Cannot read program "${heading}" of ${topic}: it has no line of dashes`)
  const [[filename, source] = ['program.ts', ''], ...others] = parseFiles(lines.slice(0, split))
  return {
    topic,
    title: heading.replace(ONCE, ''),
    source,
    filename,
    modules: Object.fromEntries(others),
    again: !heading.endsWith(ONCE),
    expected: lines
      .slice(split + 1)
      .join('\n')
      .trim(),
  }
}

const parseFiles = (lines: readonly string[]): readonly (readonly [name: string, text: string])[] => {
  const files: [name: string, lines: string[]][] = []
  for (const line of lines) {
    if (line.startsWith('@@ ')) files.push([line.slice(3), []])
    else if (files.length === 0) files.push(['program.ts', [line]])
    else files.at(-1)?.[1].push(line)
  }
  return files.map(([name, text]) => [name, `${text.join('\n')}\n`])
}
