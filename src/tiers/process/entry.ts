import { servePipe } from '../serve-pipe.ts'

await servePipe({ spares: 1, turns: process.argv[2] === 'blocking' ? 'blocking' : 'threaded' })
