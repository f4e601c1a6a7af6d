/**
 * Makes something when it is first asked for, and the same for all who ask afterwards. A failure is theirs who were
 * waiting: what kept it from being made may be over when the next one asks.
 */
export const rememberSuccess = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let remembered: Promise<T> | undefined
  return () => {
    if (remembered !== undefined) return remembered
    const made = make()
    remembered = made
    made.catch(() => {
      if (remembered === made) remembered = undefined
    })
    return made
  }
}
