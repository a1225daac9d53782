'use strict';
/**
 * The far ends of every-sink.lab.test.ts, good and bad, a port each from 8001 on. What they are asked goes to
 * /run/heard, a line of JSON each.
 */
const { appendFileSync } = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const { text } = require('node:stream/consumers');

const hear = (sink, event, unit) =>
  appendFileSync('/run/heard', `${JSON.stringify({ sink, event, unit, atMs: Date.now() })}\n`);

function serve(port, sink, answer) {
  const server = http.createServer((request, response) => {
    const take = (body) => {
      const { alerts, event, incident } = JSON.parse(body);
      // Alertmanager's words, or flapd's
      for (const { status, labels } of alerts ?? [{ status: event, labels: { name: incident.unit } }])
        hear(sink, status, labels.name);
      answer(response, request.url);
    };
    // somebody who hangs up meanwhile has asked nothing
    text(request).then(take, () => {});
  });
  server.listen(port, '127.0.0.1');
}

const mebibyte = Buffer.alloc(1024 * 1024, 'x');

function flood(response) {
  let left = 1024;
  response.writeHead(200, { 'Content-Length': left * mebibyte.length });
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(mebibyte)) return response.once('drain', more);
    }
    return response.end();
  };
  more();
}

serve(8001, 'hook', (response) => response.end('ok'));
serve(8002, 'alertmanager', (response) => response.end('ok'));
serve(8003, 'fails', (response, url) => response.writeHead(500).end(`no way through ${url}`));
serve(8004, 'redirects', (response, url) =>
  response.writeHead(302, { Location: `http://127.0.0.1:8001${url}` }).end(),
);
serve(8005, 'floods', flood);
net.createServer((socket) => socket.on('error', () => {})).listen(8006, '127.0.0.1');
