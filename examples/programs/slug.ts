/** Makes anchors from titles, and never the same one twice. */
export class Slugger {
  private readonly taken = new Map<string, number>()

  slug(title: string): string {
    const base = title
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
    const count = this.taken.get(base) ?? 0
    this.taken.set(base, count + 1)
    return count === 0 ? base : `${base}-${count + 1}`
  }
}
