/** Endpoints of webhooks, a process of its own: good ones by any path, and some that are bad in each way. */
import { createServer } from 'node:http';

let count = 0;
let delays = [];
/** Arrivals, by tenths of a second. */
let arrivals = [];

const server = createServer((request, response) => {
  if (request.url.startsWith('/bad/')) return bad(request.url.slice(5), request, response);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(204).end();
    count += 1;
    arrivals.push(Date.now());
    if (request.url !== '/timed') return;
    delays.push(Date.now() - Date.parse(JSON.parse(Buffer.concat(chunks).toString()).timestamp));
  });
});

function bad(how, request, response) {
  request.resume();
  if (how === 'error') response.writeHead(500).end('broken');
  else if (how === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end();
  else if (how === 'reset') request.socket.destroy();
  else if (how === 'drip') {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 1000);
    response.on('close', () => clearInterval(timer));
  }
  // What is left hangs.
}

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
process.on('message', (question) => {
  process.send({ count, delays, arrivals });
  if (question === 'begin') [count, delays, arrivals] = [0, [], []];
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
