/** Pages by the thousand that prolong their session by a request, each over a connection that it keeps. */
import { connect, type Socket } from 'node:net';
import { answerCalls } from '../harness/calls.ts';
import { atPace, nextOf } from './pace.ts';

interface Page {
  socket: Socket;
  cookie: string;
}

const BATCH = 50;
const pages: Page[] = [];
const answers: Record<string, number> = {};
let whenAnswered = () => {};

const functions = {
  async open({ port, count }: { port: number; count: number }): Promise<void> {
    for (let from = 0; from < count; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => openPage(port, from + i));
      pages.push(...(await Promise.all(batch)));
    }
  },

  /** So many keep-alives a second; answers how many were answered 204. */
  async report(perSecond: number, seconds: number): Promise<number> {
    answers['204'] = 0;
    const sent = await atPace(perSecond, seconds, (count) => {
      const { socket, cookie } = nextOf(pages, count);
      socket.write(
        `POST /keep-alive HTTP/1.1\r\nHost: desk\r\nCookie: ${cookie}\r\nContent-Length: 0\r\n\r\n`,
      );
    });
    while (answers['204']! < sent) {
      if (Object.keys(answers).length > 1)
        throw new Error(`Not all were prolonged: ${JSON.stringify(answers)}`);
      await new Promise<void>((resolve) => {
        whenAnswered = resolve;
      });
    }
    return sent;
  },
};

export type KeepAliveFunctions = typeof functions;

async function openPage(port: number, agent: number): Promise<Page> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.on('error', () => {});
  const cookie = new Promise<string>((resolve, reject) => {
    socket.once('data', (head) => {
      const found = /set-cookie: ([^;]+)/i.exec(String(head))?.[1];
      if (found === undefined) reject(new Error(`No session: ${head}`));
      else resolve(found);
    });
  });
  socket.write(`POST /login?agent=agent-${agent} HTTP/1.1\r\nHost: desk\r\nContent-Length: 0\r\n\r\n`);
  const page = { socket, cookie: await cookie };
  socket.on('data', (text) => {
    // Each has at most one request under way at these rates, or answers that come in one piece.
    for (const [, status] of String(text).matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      answers[status!] = (answers[status!] ?? 0) + 1;
    }
    whenAnswered();
  });
  return page;
}

answerCalls(functions);
