// The mapping of international domain names, evaluated when a host name needs it: its tables are the largest part of all.

/** What the URL standard itself spares the mapping: https://url.spec.whatwg.org/#concept-domain-to-ascii */
const isPlain = (domain) => /^[\0-\x7f]*$/.test(domain) && !/xn--/i.test(domain)

exports.toASCII = (domain, options) =>
  isPlain(domain) && !options.verifyDNSLength ? domain.toLowerCase() : require('tr46').toASCII(domain, options)
exports.toUnicode = (domain, options) => require('tr46').toUnicode(domain, options)
