/**
 * Exports that the kernel answers itself, for the broker's own calls. No caller can name them: names with control characters
 * are refused.
 */

/** Evaluates the input, a script made of a fragment, in a guest that was opened with `evaluates`. */
export const EVALUATE = '\0evaluate'
/** Runs the program, and answers whether it exports a function `accept`. */
export const LOAD = '\0load'
/** Answers a list: what the program's `dispose` returns, or nothing where it has not run or exports no such function. */
export const DISPOSE = '\0dispose'
/** Gives the input to the program's `accept`. */
export const ACCEPT = '\0accept'
