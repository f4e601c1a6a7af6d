import type { ViteUserConfig } from 'vitest/config'
import { builtSources } from './test/built-sources.ts'

const isCi = process.env['CI'] !== undefined
// CI judges a run by a plain closing line, which must be the last thing printed: its reporter stands last.
const closingLine = isCi ? ['./test/closing-line.ts'] : []

const config: ViteUserConfig = {
  plugins: isCi ? [await builtSources()] : [],
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    reporters: ['default', ...closingLine],
  },
}

export default config
