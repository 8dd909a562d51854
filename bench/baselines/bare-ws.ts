/** The smallest that a message over a WebSocket can cost in Node. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
server.on('connection', (socket) => socket.on('message', () => {}));
