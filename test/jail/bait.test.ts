import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { layBait } from '../../src/jail/bait.ts'

const BAIT = new URL('../../src/jail/bait.ts', import.meta.url).href

it('bait lies open to everybody, so that only a wall can keep it from them, and is taken in again', async () => {
  const mask = process.umask(0o077)
  const laid = await layBait()
  process.umask(mask)
  const { folder, secret, socket } = laid.bait
  // Entered and written to; read; connected to, which takes the right to write.
  expect([folder, secret, socket].map((path) => statSync(path).mode & 0o007)).toEqual([7, 4, expect.any(Number)])
  expect(statSync(socket).mode & 0o002).toBe(2)
  expect(laid.reached).toEqual(new Set())
  await laid[Symbol.asyncDispose]()
  expect(existsSync(folder)).toBe(false)
})

it('bait is taken in by a host that exits while its canary still sings', () => {
  const program = `const { bait } = await (await import(${JSON.stringify(BAIT)})).layBait(); console.log(bait.folder); process.exit()`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect(stdout).toContain('ringfence-canary-')
  expect(existsSync(stdout.trim())).toBe(false)
})

it('bait of a host that was killed goes when the next one lays its own', async () => {
  const program = `const { bait } = await (await import(${JSON.stringify(BAIT)})).layBait(); console.log(bait.folder); process.kill(process.pid, 'SIGKILL')`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  const left = stdout.trim()
  expect(existsSync(left)).toBe(true)
  // What a canary that could write had written there.
  mkdirSync(join(left, 'folder'))
  writeFileSync(join(left, 'folder', 'file'), '')
  await using laid = await layBait()
  expect([existsSync(left), existsSync(laid.bait.folder)]).toEqual([false, true])
})
