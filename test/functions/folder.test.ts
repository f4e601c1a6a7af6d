import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jsonOf, open } from './scene.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-functions-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const DEPLOYING = fileURLToPath(new URL('deploying-host.ts', import.meta.url))

describe('what a folder keeps', () => {
  it.each([2, 5, 9])('is all that was acknowledged before a kill -9, after %i deployments', async (enough) => {
    const child = spawn(process.execPath, [DEPLOYING, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const gone = once(child, 'exit')
    let said = ''
    for await (const chunk of child.stdout) {
      said += String(chunk)
      if (said.split('\n').length > enough) child.kill('SIGKILL')
    }
    await gone
    const acknowledged = said.split('\n').filter(Boolean).map(Number)
    expect(acknowledged.length).toBeGreaterThanOrEqual(enough)
    await using host = await open({ data: folder })
    const kept = (await host.versions('f')).map(({ number }) => number)
    expect(kept).toEqual(expect.arrayContaining(acknowledged))
    expect((await host.show('f')).aliases['live']?.version).toBe(kept[0])
    for (const number of acknowledged.slice(-1)) {
      expect(jsonOf(await host.invoke('f', undefined, { qualifier: String(number) }))).toBe(number)
    }
  })

  const SECRET = 'canary-of-the-secret-6193'
  it('is there after a restart: functions, secrets, blocks', async () => {
    const options = { data: folder, secretKey: 'the key of the operator' }
    {
      await using host = await open(options)
      const source = 'export default () => process.env.TOKEN.length'
      await host.deploy({ name: 'f', source, secrets: { TOKEN: SECRET } })
      await host.block('f', 'incident 7')
    }
    {
      await using host = await open(options)
      expect(await host.invoke('f')).toMatchObject({ status: 'blocked' })
      await host.unblock('f')
    }
    await using host = await open(options)
    expect(jsonOf(await host.invoke('f'))).toBe(SECRET.length)
    await host.deploy({ name: 'f', source: 'export default () => process.env.TOKEN ?? null', secrets: { TOKEN: '' } })
    expect(jsonOf(await host.invoke('f'))).toBe(null)
  })

  it('never has a secret in the open, and neither have errors, logs and receipts', async () => {
    const options = { data: folder, secretKey: 'the key of the operator' }
    await using host = await open(options)
    const source = 'export default () => { throw new Error(process.env.TOKEN.length) }'
    await host.deploy({ name: 'f', source, secrets: { TOKEN: SECRET } })
    const told = [await host.invoke('f'), await host.show('f'), await host.versions('f'), host.logs('f')]
    expect(JSON.stringify(told)).not.toContain(SECRET)
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'latin1')).not.toContain(SECRET)
  })

  it('opens no secret with another key', async () => {
    {
      await using host = await open({ data: folder, secretKey: 'one' })
      await host.deploy({ name: 'f', source: 'export default () => 1', secrets: { A: 'x' } })
    }
    await using host = await open({ data: folder, secretKey: 'two' })
    const invocation = await host.invoke('f')
    expect(invocation).toMatchObject({ status: 'rejected', detail: expect.stringContaining('the key is another one') })
  })
})
