import { servePipe } from '../serve-pipe.ts'

servePipe({ spares: 0, turns: process.argv[2] === 'blocking' ? 'blocking' : 'threaded' })
