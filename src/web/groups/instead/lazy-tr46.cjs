// The mapping of international domain names, evaluated when a host name needs it: its tables are the largest part of all.

exports.toASCII = (...args) => require('tr46').toASCII(...args)
exports.toUnicode = (...args) => require('tr46').toUnicode(...args)
