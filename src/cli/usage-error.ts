/** What the person at the keyboard got wrong. Printed as one line; the exit code is that of bad usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
