/** A path from the root of a file system, or a file URL; what stands before it is no part of a word. */
const PATH = /(?<![\w.@/\\-])(?:file:\/\/)?(?:[A-Za-z]:)?(?:[\\/][^\s\\/:'"`()<>[\],;]+)+[\\/]?/g

/**
 * A text without the paths in it, for what the system or a child's last words say: receipts go to whoever sent the code, and
 * where a host keeps its files is nothing they should know. Logs have the whole text.
 */
export const withoutPaths = (text: string): string => text.replace(PATH, '<path>')
