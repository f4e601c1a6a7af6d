import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCE = 'deb-src http://deb.debian.org/debian trixie main'
const INSIDE = 'test/fixtures/wpt'

/**
 * Fetches web-platform-tests into `folder`, where they are not there yet, and gives the folder of the tests. They are taken
 * from Debian's source of Node, which has the parts that Node is tested with.
 */
export const fetchTests = (folder: string): string => {
  const tests = join(folder, 'wpt')
  if (existsSync(tests)) return tests
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, name), { recursive: true })
  const list = join(folder, 'sources.list')
  writeFileSync(list, `${SOURCE}\n`)
  const places = [
    ['Dir::Etc::sourcelist', list],
    ['Dir::Etc::sourceparts', '-'],
    ['Dir::State::lists', join(folder, 'lists')],
    ['Dir::Cache', join(folder, 'cache')],
  ]
  const config = join(folder, 'apt.conf')
  writeFileSync(config, places.map(([name, value]) => `${name} "${value}";\n`).join(''))
  const options = { cwd: folder, env: { ...process.env, APT_CONFIG: config }, stdio: 'ignore' as const }
  execFileSync('apt-get', ['update'], options)
  execFileSync('apt-get', ['source', '--download-only', 'nodejs'], options)
  const archive = readdirSync(folder).find((name) => /^nodejs_.*\.orig\.tar\.xz$/.test(name))
  if (archive === undefined) throw new Error('Cannot fetch the tests: the source of nodejs has no archive')
  const unpack = ['-xf', archive, '--strip-components=1', '--wildcards', `*/${INSIDE}/*`]
  execFileSync('tar', unpack, options)
  renameSync(join(folder, INSIDE), tests)
  return tests
}
