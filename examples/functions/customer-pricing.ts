/**
 * A pricing rule that a customer edits: deployed once for each customer, under a tenant and with limits of its own, so that
 * one who makes a mistake is the only one to notice.
 *
 *     ringfence deploy examples/functions/customer-pricing.ts --name pricing-acme --tenant acme --limit wallMs=200ms
 */
interface Order {
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly cents: number }[]
  readonly loyal?: boolean
}

export default function price({ items, loyal = false }: Order): { readonly cents: number; readonly because: string[] } {
  const because: string[] = []
  let cents = 0
  for (const { sku, quantity, cents: each } of items) {
    const bulk = quantity >= 10 ? 0.9 : 1
    if (bulk < 1) because.push(`${sku}: 10 % off from ten on`)
    cents += quantity * each * bulk
  }
  if (loyal) {
    because.push('5 % off for loyal customers')
    cents *= 0.95
  }
  return { cents: Math.round(cents), because }
}
