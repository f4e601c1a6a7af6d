import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bundleProgram } from '../../src/cli/commands/bundle.ts'
import { runProgram } from '../../src/cli/commands/run.ts'
import { captureTerminal } from './captured-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-cli-bundle-'))
const entry = join(folder, 'slug.ts')
writeFileSync(join(folder, 'package.json'), '{}')
symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
writeFileSync(
  entry,
  `import fs from 'node:fs'
import { words } from './words.ts'
export default (title: string) => {
  if (title === '') throw new RangeError('Cannot make a slug of nothing')
  return typeof fs === 'string' ? fs : words(title).join('-')
}`,
)
writeFileSync(join(folder, 'words.ts'), 'export const words = (text: string) => text.toLowerCase().match(/[a-z]+/g)')
afterAll(() => rmSync(folder, { recursive: true }))

describe('ringfence bundle', () => {
  it('prints the program, and on the standard error what it is made of and what it leaves out', async () => {
    const terminal = captureTerminal()
    expect(await bundleProgram(join(folder, 'words.ts'), {}, terminal)).toBe(0)
    expect(terminal.written.stdout).toContain('toLowerCase')
    expect(terminal.written.stderr).toMatch(
      /^\d+ B\n\npackage +size +share +files\n[─ ]+\nyour own files +\d+ B +\d+\.\d % +1\n$/,
    )
    const refusing = captureTerminal()
    await bundleProgram(entry, {}, refusing)
    expect(refusing.written.stderr).toContain(
      'Left out; the program throws where it gets to one of them:\n  "node:fs" (imported by slug.ts): it is a module of Node',
    )
  })

  it('prints one line of JSON, with the program in it or where it was written', async () => {
    const terminal = captureTerminal()
    await bundleProgram(entry, { json: true }, terminal)
    expect(terminal.written.stderr).toBe('')
    expect(JSON.parse(terminal.written.stdout)).toMatchObject({
      filename: 'slug.bundle.js',
      parts: [{ files: 2 }],
      refused: [{ specifier: 'node:fs' }],
      warnings: [],
      source: expect.stringContaining('toLowerCase'),
      sourceMap: expect.stringContaining('"version": 3'),
    })
    const out = join(folder, 'out.js')
    const written = captureTerminal()
    await bundleProgram(entry, { json: true, out }, written)
    expect(JSON.parse(written.written.stdout)).toMatchObject({ out })
    expect(JSON.parse(written.written.stdout)).not.toHaveProperty('source')
  })

  it('writes a program that run takes with its source map, so that errors show the original', async () => {
    const out = join(folder, 'words.js')
    writeFileSync(join(folder, 'fails.ts'), 'type Unused = 1\nexport default () => {\n  throw new Error("no")\n}\n')
    await bundleProgram(join(folder, 'fails.ts'), { out, minify: true }, captureTerminal())
    expect(readFileSync(out, 'utf8')).toMatch(/\n\/\/# sourceMappingURL=words\.js\.map\n$/)
    const terminal = captureTerminal()
    expect(await runProgram(out, { logLevel: 'silent' }, terminal)).toBe(1)
    expect(terminal.written.stderr).toContain('> 3 |   throw new Error("no")')
    expect(terminal.written.stderr).toContain('fails.ts:3')
  })

  it('says why it cannot write', async () => {
    const out = join(folder, 'no', 'such', 'folder.js')
    await expect(bundleProgram(entry, { out }, captureTerminal())).rejects.toThrow('Cannot write the bundle: ENOENT')
  })
})
