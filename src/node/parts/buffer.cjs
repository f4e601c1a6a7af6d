const web = require('ringfence:web')
const buffer = require('buffer/')

module.exports = { ...buffer, Blob: web.Blob, File: web.File, atob: web.atob, btoa: web.btoa }
