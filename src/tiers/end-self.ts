import process from 'node:process'

/**
 * Ends this process at once. By a signal, because `process.exit` waits for ever for the thread of a stuck guest; where
 * that does not end it, by an abort, which needs none that could be held up.
 */
export const endSelf = (): void => {
  try {
    process.kill(process.pid, 'SIGKILL')
  } catch {
    // EPERM: the jail's filter.
  }
  // The first process of a namespace is told that its signal was sent, and lives on.
  process.abort()
}
