// In place of jsdom's reports of errors that no listener caught: here they end the call, like those of timers.

const { reportError } = require('ringfence:host')

module.exports = (_window, error) => reportError(error)
