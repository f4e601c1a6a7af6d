/** Where a command writes. A terminal gets colours and a summary, a pipe does not. */
export interface Output {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

/** The three streams of a command, passed in so that a test can hold them. */
export interface Terminal {
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly stdout: Output
  readonly stderr: Output
}
