const LENGTH_BYTES = 4

/** Puts one text into a frame: its length in bytes as u32, little endian, and the text as UTF-8. */
export function frame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + bytes)
  framed.writeUInt32LE(bytes, 0)
  framed.write(text, LENGTH_BYTES)
  return framed
}

/** Answers a function that takes chunks and calls `onText` for every frame they complete. */
export function readFrames(onText: (text: string) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let held = 0
  let wanted = LENGTH_BYTES
  return (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    if (held < wanted) return
    const [only = chunk, ...more] = chunks
    const bytes = more.length === 0 ? only : Buffer.concat(chunks)
    let at = 0
    wanted = LENGTH_BYTES
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + bytes.readUInt32LE(at)
      if (end > bytes.length) {
        wanted = end - at
        break
      }
      onText(bytes.toString('utf8', at + LENGTH_BYTES, end))
      at = end
    }
    const rest = bytes.subarray(at)
    chunks = rest.length === 0 ? [] : [rest]
    held = rest.length
  }
}
