// A text transform written by a partner: TypeScript with an import, of limited trust.
import { Slugger } from './slug.ts'

type Article = { title: string; markdown: string }

const inline = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>')
    .replace(/\*(.+?)\*/g, '<em>$1</em>')

export default function transform({ title, markdown }: Article) {
  const slugger = new Slugger()
  const toc: { level: number; anchor: string }[] = []
  const html = markdown
    .trim()
    .split(/\n{2,}/)
    .map((block) => {
      const heading = /^(#{1,6}) (.*)$/.exec(block)
      if (!heading) return `<p>${inline(block)}</p>`
      const [, marks = '', text = ''] = heading
      const anchor = slugger.slug(text)
      toc.push({ level: marks.length, anchor })
      return `<h${marks.length} id="${anchor}">${inline(text)}</h${marks.length}>`
    })
    .join('\n')
  return { slug: new Slugger().slug(title), words: markdown.split(/\s+/).length, toc, html }
}
