// Never yields, so no timer and no message can reach it from inside.
export default function spin() {
  let turns = 0
  for (;;) turns += 1
}
