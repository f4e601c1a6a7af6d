/** Makes many small objects, some of which live a little longer: the garbage collector's work. */
interface Link {
  readonly value: number
  readonly next: Link | undefined
}

/** Builds short lists and lets them go. */
export function run(lists: number): number {
  let sum = 0
  for (let list = 0; list < lists; list += 1) {
    let head: Link | undefined
    for (let value = 0; value < 1000; value += 1) head = { value, next: head }
    for (let link = head; link !== undefined; link = link.next) sum += link.value
  }
  return sum
}
