/**
 * The least a Node gateway can cost with official packages: `node:http` in front, undici's `Pool.dispatch` behind, bytes
 * passed through, nothing read, nothing kept.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']);
const pool = new Pool(process.argv[2], { connections: 512, pipelining: 1 });

function passOn(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

function forward(req, res, body) {
  let controller;
  res.on('close', () => {
    if (!res.writableFinished) controller?.abort(new Error('The caller left.'));
  });
  res.on('drain', () => controller?.resume());
  pool.dispatch(
    { path: req.url, method: req.method, headers: passOn(req.headers), body },
    {
      onRequestStart: (c) => {
        controller = c;
      },
      onResponseStart: (_, status, headers) => {
        const { connection, 'transfer-encoding': encoding, ...given } = headers;
        res.writeHead(status, given);
      },
      onResponseData: (c, chunk) => {
        if (!res.write(chunk)) c.pause();
      },
      onResponseEnd: () => res.end(),
      onResponseError: () => res.destroy(),
    },
  );
}

const server = createServer((req, res) => {
  const pieces = [];
  req.on('data', (piece) => pieces.push(piece));
  req.on('end', () => forward(req, res, pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)));
});
server.listen(0, '127.0.0.1', () => process.send?.({ type: 'ready', port: server.address().port }));
process.on('disconnect', () => process.exit(0));
