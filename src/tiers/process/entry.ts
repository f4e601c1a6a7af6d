import { servePipe } from '../serve-pipe.ts'

// No spare after the first isolate: a child serves one guest.
await servePipe({ spares: 0, turns: process.argv[2] === 'blocking' ? 'blocking' : 'threaded' })
