/** Draws so many of a list, the same ones for the same seed, in the order of the list. */
export function sample<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  if (count >= items.length) return items
  let state = seed >>> 0
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const drawn: Item[] = []
  let wanted = count
  for (const [index, item] of items.entries()) {
    if (next() * (items.length - index) >= wanted) continue
    drawn.push(item)
    wanted -= 1
  }
  return drawn
}
