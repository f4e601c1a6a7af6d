/** Before the name of an export whose call gives its result chunk by chunk. No caller can name such an export. */
export const STREAM = '\0stream:'
/** The host function to which the kernel gives these chunks. It is lent to no program by any name. */
export const STREAM_PUT = 'ringfence:stream/put'
