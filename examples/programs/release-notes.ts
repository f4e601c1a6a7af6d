import { marked } from 'marked'

/** Release notes in Markdown as a page. It imports a package, so it is bundled before it runs: `ringfence bundle`. */
export default (markdown: string) => `<article>${marked.parse(markdown, { async: false }).trim()}</article>`
