import type { ViteUserConfig } from 'vitest/config'

// CI judges a run by a plain closing line, which must be the last thing printed: its reporter stands last.
const closingLine = process.env['CI'] === undefined ? [] : ['./test/closing-line.ts']

const config: ViteUserConfig = {
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
