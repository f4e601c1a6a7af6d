import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

interface Tally {
  passed: number
  failed: number
  skipped: number
}

/** Says in one plain line how a run ended: `N passed, N failed`, and how many were skipped if any. */
export function closingLine(modules: readonly TestModule[], unhandledErrors: number): string {
  const tally: Tally = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) countModule(module, tally)
  const skipped = tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`
}

function countModule(module: TestModule, tally: Tally): void {
  // A module that cannot be loaded, or a hook that fails, has an error but no test that could show it.
  tally.failed += module.errors().length
  for (const suite of module.children.allSuites()) tally.failed += suite.errors().length
  for (const test of module.children.allTests()) {
    const { state } = test.result()
    if (state === 'passed') tally.passed += 1
    else if (state === 'failed') tally.failed += 1
    else tally.skipped += 1
  }
}

/** Prints the closing line after every other reporter, for a CI that reads nothing else. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], _reason: TestRunEndReason): void {
    process.stdout.write(`\n${closingLine(modules, errors.length)}\n`)
  }
}
