// Takes memory until somebody stops it, and keeps all of it reachable.
export default function explode() {
  const hoard = []
  for (let n = 0; ; n++) hoard.push(new Array(1_000_000).fill(n))
}
