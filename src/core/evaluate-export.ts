/** The export whose call evaluates its input, a script made of a fragment, in a guest that was opened with `evaluates`. No caller can name it. */
export const EVALUATE = '\0evaluate'
