import { servePipe } from '../serve-pipe.ts'

await servePipe({ spares: Number(process.argv[2] ?? 1), turns: 'threaded' })
