import { TEXTS_AND_LISTS } from './attacks/texts-and-lists.ts'
import { describeAttacks } from './describe-attacks.ts'

describeAttacks('Work on texts and lists', TEXTS_AND_LISTS)
