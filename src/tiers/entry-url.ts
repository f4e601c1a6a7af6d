/** The extension we ourselves run as: sources while developing, JavaScript once built. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Where a far side's entry stands, given its path from this folder without extension. */
export const entryUrl = (path: string): URL => new URL(`${path}.${EXTENSION}`, import.meta.url)
