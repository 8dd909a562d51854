/** Dashboards without a page: they are sent all that a page would be. */
import { WebSocket } from 'ws';
import { signToken } from '../../test/support/tokens.ts';
import { answerCalls } from '../harness/calls.ts';

let sockets: WebSocket[] = [];
/** Rows in `changes` so far, of all together. */
let rows = 0;

const functions = {
  /** Resolves when each has had its whole snapshot. */
  async open({ url, account, count }: { url: string; account: string; count: number }): Promise<void> {
    const opening = Array.from({ length: count }, (_, index) => {
      const token = signToken({ account, sub: `manager-${index}`, permissions: ['view_presence'] });
      return watch(url, token);
    });
    sockets = await Promise.all(opening);
    rows = 0;
  },

  rows: (): number => rows,

  close(): void {
    for (const socket of sockets) socket.terminate();
    sockets = [];
  },
};

export type WatchersFunctions = typeof functions;

function watch(url: string, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const where = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(where, { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('message', (data) => {
      const text = String(data);
      if (text[0] === '0') socket.send(`40/presence,${JSON.stringify({ token })}`);
      else if (text === '2') socket.send('3');
      else if (text.startsWith('44')) reject(new Error(text));
      else if (text.startsWith('42/presence,["snapshot"')) {
        if (text.includes('"more":false')) resolve(socket);
      } else if (text.startsWith('42/presence,["changes"')) rows += countRows(text);
    });
  });
}

function countRows(text: string): number {
  const [, message] = JSON.parse(text.slice('42/presence,'.length)) as [string, { agents: unknown[] }];
  return message.agents.length;
}

answerCalls(functions);
