import { readFileSync } from 'node:fs'

/** Reads a file of this repository. */
export const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** One instruction of a Dockerfile: its first word, and the rest with its lines joined. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

/** The stages of the Dockerfile, each with what it does. */
export const stages = (): readonly (readonly Instruction[])[] => {
  const joined = textOf('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
  const all = joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', text: line.slice(line.indexOf(' ') + 1).trim() }))
  const starts = all.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []))
  return starts.map((start, index) => all.slice(start, starts[index + 1]))
}

/** The one instruction of that name in a stage. */
export const only = (stage: readonly Instruction[], name: string): string => {
  const [found, ...others] = stage.filter((instruction) => instruction.name === name)
  if (found === undefined || others.length > 0) throw new Error(`There is not one ${name} in the stage`)
  return found.text
}
