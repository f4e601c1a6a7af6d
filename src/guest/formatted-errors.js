// Which errors a stack was formatted of. An isolate hands an unhandled rejection to its host as a copy of which only name,
// message and stack are left; but it reads the stack for that, and every stack is formatted by the kernel.

const MAX_REMEMBERED = 16
/** @type {{ error: object, frames: string }[]} The latest come last. */
let formattedErrors = createList()

/** @param {unknown} error @param {string} frames */
const rememberFormatted = (error, frames) => {
  if (typeof error !== 'object' || error === null) return
  const kept = createList()
  const from = formattedErrors.length < MAX_REMEMBERED ? 0 : 1
  for (let i = from; i < formattedErrors.length; i++) kept[kept.length] = formattedErrors[i]
  kept[kept.length] = { error, frames }
  formattedErrors = kept
}

/** Forgets them all, so that what one call threw is not held through the next. */
const forgetFormatted = () => {
  formattedErrors = createList()
}

/** The error that was copied, by what is left of it; undefined when there is none such. Runs no code of the guest.
 * @param {string} message @param {string} frames
 * @returns {object | undefined} */
const findFormatted = (message, frames) => {
  for (let i = formattedErrors.length - 1; i >= 0; i--) {
    const one = formattedErrors[i]
    const said = one === undefined ? undefined : readQuietly(one.error, 'message')
    // A getter's answer is not known here; its frames have to do.
    if (one?.frames === frames && (said === undefined || said === message)) return one.error
  }
  return undefined
}
