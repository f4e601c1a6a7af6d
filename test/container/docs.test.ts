import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { only, stages, textOf } from './files.ts'

const DOCS = textOf('docs/container.md')
const COMMANDS = textOf('src/cli/command-line.ts')

describe('the page about containers', () => {
  it('names every layer that is told of a jail', () => {
    const layers = [...textOf('src/jail/layers.ts').matchAll(/^ {4}\['([a-z-]+)',/gm)].map(([, name]) => name ?? '')
    expect(layers.length).toBeGreaterThan(5)
    for (const layer of [...layers, 'data-limit']) expect(DOCS).toContain(`\`${layer}\``)
  })

  it('starts the image by commands that there are, and with a folder that can be written', () => {
    const started = [...DOCS.matchAll(/^.*docker run (.*) ringfence (\w+)/gm)]
    expect(started.length).toBeGreaterThan(2)
    for (const [, options = '', command = ''] of started) {
      expect(COMMANDS).toContain(`.command('${command}')`)
      expect(options).toContain('--read-only --tmpfs /tmp')
    }
  })

  it('leads to files that are there', () => {
    const links = [...DOCS.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path]) => path ?? '')
    expect(links.length).toBeGreaterThan(2)
    expect(links.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
  })

  it('tells the calls that are allowed, the user and the base as they are', () => {
    const calls = /CALLS.* = \[(.*)\]/.exec(textOf('examples/allow-namespaces.ts'))?.[1]?.match(/\w+/g) ?? []
    expect(calls.length).toBeGreaterThan(5)
    for (const call of calls) expect(DOCS).toContain(`\`${call}\``)
    const run = stages().at(-1) ?? []
    expect(DOCS).toContain(`as user ${only(run, 'USER').split(':')[0]}`)
    expect(DOCS).toContain(`on \`${only(run, 'FROM')}\``)
  })
})
