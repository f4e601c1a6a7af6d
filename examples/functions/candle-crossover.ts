/**
 * A trading strategy over a stream of candles, one JSON object a line: says to buy where the fast average of closing prices
 * crosses the slow one from below, and to sell where it crosses from above. Answers while it computes.
 *
 *     ringfence deploy examples/functions/candle-crossover.ts
 *     curl --data-binary @candles.ndjson -H 'content-type: text/plain' 'localhost:8080/fn/candle-crossover'
 */
interface Candle {
  readonly time: string
  readonly close: number
}

const FAST = 3
const SLOW = 6

/** The mean of the last so many values, once there are that many. */
function* means(count: number): Generator<number | undefined, never, number> {
  const last: number[] = []
  let sum = 0
  let value = yield undefined
  for (;;) {
    last.push(value)
    sum += value
    if (last.length > count) sum -= last.shift() ?? 0
    value = yield last.length === count ? sum / count : undefined
  }
}

export default async function* signals(text: string): AsyncGenerator<string> {
  const [fast, slow] = [means(FAST), means(SLOW)]
  fast.next(0)
  slow.next(0)
  let wasAbove: boolean | undefined
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { time, close }: Candle = JSON.parse(line)
    const [quick, steady] = [fast.next(close).value, slow.next(close).value]
    if (quick === undefined || steady === undefined) continue
    const isAbove = quick > steady
    if (wasAbove !== undefined && isAbove !== wasAbove) {
      yield `${JSON.stringify({ time, signal: isAbove ? 'buy' : 'sell', close })}\n`
      // What is known goes out before the next candle is looked at.
      await new Promise((resolve) => {
        setTimeout(resolve, 0)
      })
    }
    wasAbove = isAbove
  }
}
