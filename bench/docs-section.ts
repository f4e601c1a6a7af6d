import { readFileSync, writeFileSync } from 'node:fs'

const PAGE = new URL('../docs/benchmarks.md', import.meta.url)
const START = '<!-- bench:start -->'
const END = '<!-- bench:end -->'

/** Puts text between the two markers of a page. Throws when they are not there, once each and in order. */
export function replaceSection(page: string, text: string): string {
  const [before, ...rest] = page.split(START)
  const [, after, ...more] = (rest[0] ?? '').split(END)
  if (before === undefined || rest.length !== 1 || after === undefined || more.length > 0) {
    throw new Error(`Cannot write the table: the page must hold "${START}" and then "${END}", once each`)
  }
  return `${before}${START}\n\n${text}\n\n${END}${after}`
}

/** Puts a table into the page about benchmarks. */
export function writeDocs(table: string): void {
  writeFileSync(PAGE, replaceSection(readFileSync(PAGE, 'utf8'), table))
}
