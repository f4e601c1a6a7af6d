// In place of jsdom's test whether something is a window.

module.exports = () => false
