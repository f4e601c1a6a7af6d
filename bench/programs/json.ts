/** Writes and parses records: built-ins more than code. */
export function run(times: number): number {
  const records = Array.from({ length: 200 }, (_none, id) => ({
    id,
    name: `record ${id}`,
    tags: ['a', 'b'],
    at: id * 0.5,
  }))
  let length = 0
  for (let n = 0; n < times; n += 1) {
    const text = JSON.stringify(records)
    const parsed: unknown = JSON.parse(text)
    length += text.length + (Array.isArray(parsed) ? parsed.length : 0)
  }
  return length
}
