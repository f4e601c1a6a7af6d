/**
 * A report that renders a chart as SVG from the query.
 *
 *     ringfence deploy examples/functions/sales-chart.ts --access public
 *     open 'http://localhost:8080/fn/sales-chart?title=Sales&Jan=12&Feb=19&Mar=7'
 */
const WIDTH = 480
const HEIGHT = 240
const MARGIN = 32

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function chart(title: string, bars: readonly (readonly [label: string, value: number])[]): string {
  const most = Math.max(1, ...bars.map(([, value]) => value))
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, bars.length)
  const shapes = bars.map(([label, value], at) => {
    const height = Math.round(((HEIGHT - 2 * MARGIN) * value) / most)
    const x = Math.round(MARGIN + at * step)
    const middle = Math.round(x + step * 0.4)
    return [
      `<rect x="${x}" y="${HEIGHT - MARGIN - height}" width="${Math.round(step * 0.8)}" height="${height}" fill="steelblue"/>`,
      `<text x="${middle}" y="${HEIGHT - MARGIN / 2}" text-anchor="middle">${escaped(label)}: ${value}</text>`,
    ].join('')
  })
  const heading = `<text x="${WIDTH / 2}" y="20" text-anchor="middle">${escaped(title)}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">${heading}${shapes.join('')}</svg>\n`
}

const report: object = {
  fetch(request: Request): Response {
    const { searchParams } = new URL(request.url)
    const title = searchParams.get('title') ?? 'Report'
    const bars = [...searchParams]
      .filter(([name]) => name !== 'title')
      .map(([label, text]): [string, number] => [label, Number(text)])
    const wrong = bars.find(([, value]) => !Number.isFinite(value) || value < 0)
    if (wrong !== undefined) return new Response(`"${wrong[0]}" is no number from 0 on\n`, { status: 400 })
    return new Response(chart(title, bars), { headers: { 'content-type': 'image/svg+xml' } })
  },
}

export default report
