// In place of what jsdom's events ask of documents, of which there are none.

const no = () => false

exports.isNode = no
exports.isShadowRoot = no
exports.isSlotable = no
exports.isShadowInclusiveAncestor = no
exports.getEventTargetParent = () => null
exports.retarget = (target) => target
