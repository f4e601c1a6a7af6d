// The guest's clock as `performance`: as coarse as its `Date`, and counted from when its realm was made.

import { timeOrigin } from 'ringfence:host'
import Performance from 'jsdom/lib/generated/idl/Performance.js'
import { realm } from './interfaces.cjs'

export const performance = Performance.create(realm, [], { timeOrigin, nowAtTimeOrigin: timeOrigin })
