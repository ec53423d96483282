const express = require('express')
const cp = require('child_process')
var app = express()

app.get('/run', function (req, res) {
  cp.exec('ls ' + req.query.dir)
  eval(req.query.code)
  res.send('<p>' + req.query.name + '</p>')
  if (req.query.x == null) { debugger }
  res.redirect(req.query.url)
})

function duplicate(list) {
  let total = 0
  for (let i = 0; i < list.length; i++) {
    if (list[i] > 10) { total += list[i] } else { total -= list[i] }
  }
  console.log('total is ' + total)
  return total
}

function unused(a, a) { return NaN === a }
// eslint-disable-next-line no-alert
alert(`$${1}`)
