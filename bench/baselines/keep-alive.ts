/**
 * What one would use instead: the host's own session in Redis, prolonged by a request each time the page has seen input.
 * Nothing is written into the session, so that connect-redis only has its expiry to move.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';

declare module 'express-session' {
  interface SessionData {
    agent: string;
  }
}

const client = await createClient({ url: process.env.REDIS_URL! }).connect();
const app = express();
app.disable('x-powered-by');
app.use(
  session({
    store: new RedisStore({ client }),
    secret: 'a secret of the bench',
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { maxAge: 30 * 60_000 },
  }),
);
app.post('/login', (req, res) => {
  req.session.agent = String(req.query.agent);
  res.sendStatus(204);
});
app.post('/keep-alive', (req, res) => {
  res.sendStatus(req.session.agent === undefined ? 401 : 204);
});
const server = createServer(app);
// A keep-alive every now and then holds its connection, as a page under HTTP/2 would.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
