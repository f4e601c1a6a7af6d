import { servePipe } from '../serve-pipe.ts'

servePipe({ spares: 0, turns: 'blocking' })
