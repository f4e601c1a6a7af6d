// A customer's numbers job: untrusted, heavy on the CPU, and honest. Counts primes and twin primes below a bound.
export default function count({ below }: { below: number }) {
  const composite = new Uint8Array(below)
  let primes = 0
  let twins = 0
  let last = -1
  for (let n = 2; n < below; n++) {
    if (composite[n]) continue
    primes += 1
    if (n - last === 2) twins += 1
    last = n
    for (let multiple = n * n; multiple < below; multiple += n) composite[multiple] = 1
  }
  return { below, primes, twins, largest: last }
}
