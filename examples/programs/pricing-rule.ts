// A shop's own pricing rule: trusted, short, and it asks its host for the tax rate.
import { taxRate } from 'host'

interface Line {
  sku: string
  quantity: number
  unitCents: number
  category: string
}

interface Cart {
  currency: string
  customer: { tier: 'gold' | 'silver' | 'none'; country: string }
  coupon?: string
  lines: Line[]
}

const TIER_DISCOUNT = { gold: 0.05, silver: 0.02, none: 0 }
const QUANTITY_STEPS = [
  { from: 10, discount: 0.12 },
  { from: 5, discount: 0.06 },
]

function netCents(line: Line, cart: Cart): number {
  const step = QUANTITY_STEPS.find(({ from }) => line.quantity >= from)
  // Books have a fixed price by law: no discount of any kind.
  const discount = line.category === 'books' ? 0 : TIER_DISCOUNT[cart.customer.tier] + (step?.discount ?? 0)
  return Math.round(line.quantity * line.unitCents * (1 - discount))
}

export default async function price(cart: Cart) {
  const lines = await Promise.all(
    cart.lines.map(async (line) => {
      const net = netCents(line, cart)
      const rate: number = await taxRate(cart.customer.country, line.category)
      return { sku: line.sku, net, tax: Math.round(net * rate) }
    }),
  )
  const percent = Number(/-(\d+)$/.exec(cart.coupon ?? '')?.[1] ?? 0)
  const net = lines.reduce((sum, line) => sum + line.net, 0)
  const tax = lines.reduce((sum, line) => sum + line.tax, 0)
  const coupon = -Math.round(((net + tax) * percent) / 100)
  console.log('%d lines, coupon %s takes %d cents off', lines.length, cart.coupon ?? 'none', -coupon)
  return { currency: cart.currency, net, tax, coupon, total: net + tax + coupon, lines }
}
