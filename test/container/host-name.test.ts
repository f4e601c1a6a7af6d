import { execFile } from 'node:child_process'
import { hostname } from 'node:os'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Jail, jailFinder } from '../../src/jail/find-jail.ts'
import { systemTools } from '../../src/jail/tools.ts'
import { FakeBwrap } from '../jail/fake-bwrap.ts'

const tools = systemTools()
const works = (await jailFinder(tools)('namespaces', [])).jail !== undefined

let refusing: FakeBwrap
beforeAll(() => {
  // What the default profile of podman does: every namespace is given, and `sethostname` fails.
  const lines = [
    'case " $* " in',
    '*" --hostname "*) echo "bwrap: Can\'t set hostname to sandbox: Operation not permitted" >&2; exit 1 ;;',
    'esac',
    `exec ${tools.bwrap} "$@"`,
  ]
  refusing = new FakeBwrap(lines.join('\n'))
})
afterAll(() => refusing[Symbol.dispose]())

const WHO = { flags: ['-p', 'require("node:os").hostname()'], entry: '', args: [] }

/** What a program in the jail is told when it asks for the name of its host. */
const nameToldIn = (jail: Jail | undefined): Promise<string> => {
  const [command = '', ...args] = jail?.confine(WHO, {}).command ?? []
  return new Promise((resolve, reject) => {
    const options = { env: {}, cwd: '/', encoding: 'utf8' } as const
    const child = execFile('/bin/sh', ['-c', 'exec "$@" 3<&0 4>/dev/null', 'sh', command, ...args], options, done)
    child.stdin?.end()
    function done(error: Error | null, stdout: string): void {
      if (error === null) resolve(stdout.trim())
      else reject(error)
    }
  })
}

describe.skipIf(!works || process.platform !== 'linux')('the name of the host', () => {
  it('is not told in namespaces', async () => {
    const { jail } = await jailFinder(tools)('auto', [])
    expect(await nameToldIn(jail)).toBe('sandbox')
  })

  it('may stay as it is: namespaces where it cannot be changed are still the jail', async () => {
    const { jail, missing } = await jailFinder({ ...tools, bwrap: refusing.path })('auto', [])
    expect(jail?.kind).toBe('namespaces')
    expect(missing).toEqual([])
    expect(await nameToldIn(jail)).toBe(hostname())
  })
})
