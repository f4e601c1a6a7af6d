import { SourceMap } from 'node:module'
import type { SourceMap as MapData } from 'oxc-transform'
import { linesOf } from './code-frame.ts'
import { VALUE_NAME } from './completion.ts'

/** A place in the caller's text; line and column count from one. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Where a module's code stands in a script, and the maps from there to the caller's text, applied in order. */
export interface Placement {
  readonly name: string
  /** Counted from one. */
  readonly firstLine: number
  readonly lines: number
  readonly maps: readonly MapData[]
}

/** Finds where in the caller's texts a place of the script comes from; nothing for our own lines. */
export type Locate = (line: number, column: number) => Location | undefined

/** Makes the way back from a script. Maps are read when first asked. */
export const locator = (placements: readonly Placement[], script: string): Locate => {
  const readers = new Map<Placement, readonly SourceMap[]>()
  let lines: readonly string[] | undefined
  return (line, column) => {
    const placement = placements.find((candidate) => isWithin(candidate, line))
    if (placement === undefined) return undefined
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node's type asks for fields that no map needs
    const maps = readers.get(placement) ?? placement.maps.map((map) => new SourceMap(map as never))
    readers.set(placement, maps)
    lines ??= linesOf(script)
    let at = { line: line - placement.firstLine, column: column - 1 + keptLength(lines[line - 1] ?? '', column - 1) }
    for (const map of maps) {
      const found = map.findEntry(at.line, at.column)
      // An entry of an earlier line is only the nearest one: this line is of the transform's own making.
      if (!('originalLine' in found) || found.generatedLine !== at.line) return undefined
      at = { line: found.originalLine, column: found.originalColumn }
    }
    return { file: placement.name, line: at.line + 1, column: at.column + 1 }
  }
}

const isWithin = ({ firstLine, lines }: Placement, line: number): boolean =>
  line >= firstLine && line < firstLine + lines

/** How long what keeps a statement's value is, when it stands here: for engines, the statement starts with it. */
const keptLength = (line: string, column: number): number => KEPT.exec(line.slice(column))?.[0].length ?? 0

const KEPT = new RegExp(`^(?:${VALUE_NAME} = (?:void 0; |\\((?:0, )?))+`)
