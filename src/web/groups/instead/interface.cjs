// In place of interfaces that jsdom's events know and nobody here can make.

exports.isImpl = () => false
