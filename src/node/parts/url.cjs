const web = require('ringfence:web')
const url = require('url/')

module.exports = { ...url, URL: web.URL, URLSearchParams: web.URLSearchParams }
