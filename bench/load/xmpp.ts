/** XMPP clients over WebSocket (RFC 7395) by the thousand: anonymous login, then a presence now and then. */
import { WebSocket } from 'ws';
import { answerCalls } from '../harness/calls.ts';
import { atPace, nextOf } from './pace.ts';

/** Its listener has room for five. */
const BATCH = 4;
const OPEN = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>`;
const LOGIN = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`;
const BIND = `<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`;
const SHOWS = ['away', 'chat'];
const presence = (show: string) => `<presence xmlns='jabber:client'><show>${show}</show></presence>`;

const clients: WebSocket[] = [];
/** Presences that came back: each client is told its own. */
let echoed = 0;

const functions = {
  async open({ url, count }: { url: string; count: number }): Promise<void> {
    for (let from = 0; from < count; from += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, count - from) }, () => enter(url));
      clients.push(...(await Promise.all(batch)));
    }
  },

  /** So many presences a second; answers how many were sent, all of which have come back. */
  async report(perSecond: number, seconds: number): Promise<number> {
    echoed = 0;
    const sent = await atPace(perSecond, seconds, (count) => {
      const turn = Math.floor(count / clients.length);
      nextOf(clients, count).send(presence(SHOWS[turn % 2]!));
    });
    const until = performance.now() + 10_000;
    while (echoed < sent) {
      if (performance.now() > until) throw new Error(`Only ${echoed} of ${sent} presences came back`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return sent;
  },
};

export type XmppFunctions = typeof functions;

function enter(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'xmpp', { perMessageDeflate: false });
    let isLoggedIn = false;
    socket.on('open', () => socket.send(OPEN));
    socket.on('error', reject);
    socket.on('message', (data) => {
      const text = String(data);
      if (text.includes('<failure')) reject(new Error(text));
      else if (text.includes('features')) socket.send(isLoggedIn ? BIND : LOGIN);
      else if (text.startsWith('<success')) {
        isLoggedIn = true;
        socket.send(OPEN);
      } else if (/id='bind'|id="bind"/.test(text)) {
        socket.send(presence(SHOWS[0]!));
        resolve(socket);
      } else if (text.startsWith('<presence')) echoed += 1;
    });
  });
}

answerCalls(functions);
