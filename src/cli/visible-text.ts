const CONTROL = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/**
 * Makes control characters of a guest's text visible. A guest that prints `\x1b]52;c;…\x07` would otherwise fill the
 * reader's clipboard, `\x1b[2J` would wipe what stands above it, and U+202E would turn a line around.
 */
export function visibleText(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0).toString(16)
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
  })
}
