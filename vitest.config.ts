import type { ViteUserConfig } from 'vitest/config'
import { builtSources } from './test/built-sources.ts'

const isCi = process.env['CI'] !== undefined
// CI judges a run by a plain closing line, which must be the last thing printed: its reporter stands last.
const closingLine = isCi ? ['./test/closing-line.ts'] : []

/**
 * Tests of what a process or the machine holds, of a machine in need, of guests that take all they can get, and of texts that
 * a compiler is given only so much time for: they would see, and trouble, those beside them.
 */
const ALONE = [
  ...['bench', 'bundle', 'chaos', 'denial', 'kills', 'leaks', 'pressure'].map(
    (folder) => `test/${folder}/**/*.test.ts`,
  ),
  'test/tiers/compilers.test.ts',
]

const config: ViteUserConfig = {
  plugins: isCi ? [await builtSources()] : [],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    reporters: ['default', ...closingLine],
  },
}

export default config
