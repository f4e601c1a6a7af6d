import { InvalidArgumentError } from 'commander'
import type { AwsKey } from '../server/lambda/signature.ts'

/** Values by their names. */
export type Variables = Readonly<Record<string, string>>

/** Reads a whole number from 0 on. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`It must be a whole number, received "${text}".`)
  return Number(text)
}

/** Reads one `name=value` and adds it to those already read. */
export function variable(text: string, previous: Variables = {}): Variables {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write it as name=value.')
  return { ...previous, [name]: value }
}

/** Reads one `version=share` and adds it to those already read. */
export function weight(
  text: string,
  previous: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [, version, share] = /^(\d+)=(0?\.\d+)$/.exec(text) ?? []
  if (version === undefined) throw new InvalidArgumentError('Write it as version=share, as in 3=0.1.')
  return { ...previous, [version]: Number(share) }
}

/** Reads a pair of AWS keys. */
export function awsKey(text: string): AwsKey {
  const [accessKeyId = '', ...rest] = text.split('=')
  const secretAccessKey = rest.join('=')
  if (accessKeyId === '' || secretAccessKey === '') throw new InvalidArgumentError('It must be ID=SECRET.')
  return { accessKeyId, secretAccessKey }
}
