/** Before the name of an export whose call gives its result chunk by chunk. No caller can name such an export. */
export const STREAM = '\0stream:'
/** After that, before the name of an export whose input is read item by item. */
export const INPUT = '\0input:'
/** The host function from which the kernel takes these items. */
export const STREAM_TAKE = 'ringfence:stream/take'
/** The host function to which the kernel gives these chunks. It is lent to no program by any name. */
export const STREAM_PUT = 'ringfence:stream/put'
