const querystring = require('querystring-es3')

/** As Node has them; what cannot be decoded stays as it is. */
const unescape = (text) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
module.exports = { ...querystring, escape: encodeURIComponent, unescape }
