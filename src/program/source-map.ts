import { SourceMap } from 'node:module'
import { codeFrame } from './code-frame.ts'
import type { Location } from './locate.ts'
import type { Program } from './prepare.ts'

/** What the caller's text was made from: a source map, version 3, which was checked when it came. */
export interface TextOrigin {
  readonly version: 3
  readonly sources: readonly (string | null)[]
  readonly sourcesContent?: readonly (string | null)[]
  readonly mappings: string
}

/** Reads a source map as a bundler or compiler writes it. Answers what is wrong with it in place of one that is not. */
export function readSourceMap(text: string): TextOrigin | string {
  let map: unknown
  try {
    map = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  if (typeof map !== 'object' || map === null) return 'it is not an object'
  const { version, sources, sourcesContent, mappings } = Object.assign(
    { version: undefined, sources: undefined, sourcesContent: undefined, mappings: undefined },
    map,
  )
  if (version !== 3) return `its version is ${JSON.stringify(version)}, not 3`
  if (typeof mappings !== 'string') return 'it has no mappings'
  if (!isListOfTexts(sources)) return 'it has no list of sources'
  if (sourcesContent === undefined || sourcesContent === null) return { version, sources, mappings }
  return isListOfTexts(sourcesContent)
    ? { version, sources, sourcesContent, mappings }
    : 'its "sourcesContent" is no list of texts'
}

const isListOfTexts = (value: unknown): value is (string | null)[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string' || text === null)

/** A program whose errors show what its text was made from. The map is decoded when an error is first shown. */
export function withOrigin(program: Program, origin: TextOrigin): Program {
  let map: SourceMap | undefined
  const originOf = (at: Location): Location | undefined => {
    if (at.file !== program.filename) return undefined
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node's type asks for fields that no map needs
    map ??= new SourceMap(origin as never)
    const found = map.findEntry(at.line - 1, at.column - 1)
    if (!('originalLine' in found) || found.generatedLine !== at.line - 1) return undefined
    return { file: found.originalSource, line: found.originalLine + 1, column: found.originalColumn + 1 }
  }
  return {
    ...program,
    locate: (line, column) => {
      const at = program.locate(line, column)
      return at && (originOf(at) ?? at)
    },
    frame: (at) => {
      const text = origin.sourcesContent?.[origin.sources.indexOf(at.file)]
      return typeof text === 'string' ? codeFrame(text, at.line, at.column) : program.frame(at)
    },
  }
}
