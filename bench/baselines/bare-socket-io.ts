/** Socket.IO and nothing else: what Vigil's tabs cost is judged by it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

// To a load balancer that asks how it is, it is well.
const server = createServer((_req, res) => res.end());
const io = new Server(server, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => socket.on('activity', () => {}));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
