'use strict'
// `require('@partyline/server')(server, options)` makes a server, as programs written for Socket.IO do; all exports are there too.
const exported = require('./dist/cjs/index.js')

module.exports = Object.assign((server, options) => new exported.Server(server, options), exported)
