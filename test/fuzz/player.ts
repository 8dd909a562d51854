import { connect } from 'node:net';
import { frame, openRawSocket } from '../support/raw-socket.ts';
import { agentClaims, serviceClaims, sign } from '../support/tokens.ts';
import { withTimeout } from '../support/waiting.ts';
import type { HttpCase, TokenKind } from './http-cases.ts';
import type { HandshakeCase, PollingCase, SocketCase, Step } from './socket-cases.ts';

export type Case = HttpCase | SocketCase | PollingCase | HandshakeCase;

/** How long a broken conversation is waited for: what never ends has no answer either. */
const PATIENCE_MS = 1_000;
/** For a whole request: that a machine has more to do than it can is not the fault that is looked for. */
const OWED_MS = 15_000;
const AGENTS = 20;
/** So many that the limits of one address do not stand in the way of the cases, and few enough to be known soon. */
const ADDRESSES = 500;

/** Plays cases to a node, from many addresses, and answers with the status where there is one. */
export class Player {
  readonly #port: number;
  #played = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async play(input: Case): Promise<number | null> {
    this.#played += 1;
    const address = `2001:db8:0:${(this.#played % ADDRESSES).toString(16)}::1`;
    switch (input.kind) {
      case 'http':
        return this.#request(input, address);
      case 'socket':
        return this.#converse(input, address);
      case 'polling':
        return this.#poll(input, address);
      case 'handshake':
        return this.#shake(input);
    }
  }

  #token(kind: TokenKind): string {
    const n = this.#played % AGENTS;
    const now = Date.now();
    // A few logins that come again and again: what they leave behind must not grow.
    const agent = (sub: string, claims: object = {}) =>
      agentClaims(now, { sub: `fuzz-${sub}-${n}`, sid: `fuzz-${sub}-${n}`, auto_assign: true, ...claims });
    switch (kind) {
      case 'none':
        return '';
      case 'agent':
        return sign(agent('agent'));
      case 'looker':
        return sign(agent('looker', { permissions: ['view_presence'] }));
      case 'manager':
        return sign(agent('manager', { permissions: ['manage_security'] }));
      case 'service':
        return sign(serviceClaims(now, { account: 'fuzzed' }));
      case 'forged':
        return sign(agent('forged'), 'another secret of thirty-two bytes or so');
      case 'expired':
        return sign(agent('expired', { exp: 1 }));
      case 'garbage':
        return 'Bearer eyJ\u00e4.%00.{}';
    }
  }

  /** The bytes of a request as they are: no library mends them. */
  #request(input: HttpCase, address: string): Promise<number | null> {
    const { method, path, headers, token, body } = input;
    const given = new Map(headers.map(([name, value]) => [name, value]));
    const lines = [
      `${method} ${path.replace(/[\r\n]/g, '%0A')} HTTP/1.1`,
      ...(given.has('host') ? [] : ['Host: 127.0.0.1']),
      ...(token === 'none' ? [] : [`Authorization: Bearer ${this.#token(token)}`]),
      ...[...given].map(([name, value]) => `${name}: ${value}`),
      `X-Forwarded-For: ${address}`,
      ...(given.has('connection') ? [] : ['Connection: close']),
      ...(body === null || given.has('content-length') || given.has('transfer-encoding')
        ? []
        : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
    return this.#send(bytes, isWhole(input) ? OWED_MS : PATIENCE_MS);
  }

  #shake({ lines, finished }: HandshakeCase): Promise<number | null> {
    const bytes = Buffer.from(lines.join('\r\n') + (finished ? '\r\n\r\n' : ''));
    return this.#send(bytes, finished ? PATIENCE_MS : 0);
  }

  /** Sends bytes, and reads no further than the status; with no patience it waits for none. */
  #send(bytes: Buffer, patienceMs: number): Promise<number | null> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1');
      const done = (status: number | null) => {
        clearTimeout(timer);
        socket.destroy();
        resolve(status);
      };
      const timer = setTimeout(() => done(null), patienceMs || PATIENCE_MS);
      socket.on('error', () => done(null)).on('close', () => done(null));
      socket.on('data', (data) => done(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1] ?? 0)));
      socket.write(bytes, () => {
        if (patienceMs === 0) setImmediate(() => done(null));
      });
    });
  }

  async #converse({ namespace, token, steps }: SocketCase, address: string): Promise<null> {
    const raw = await openRawSocket(this.#port, { headers: { 'X-Forwarded-For': address } });
    try {
      if (namespace !== null) {
        const where = namespace === '/' ? '' : `${namespace},`;
        raw.send(`40${where}${JSON.stringify({ token: this.#token(token) })}`);
        await raw.waitForMessage((text) => /^4[04]/.test(text), 'to be let in or not').catch(() => {});
      }
      for (const step of steps) raw.sendBytes(bytesOf(step, namespace));
      // A ping of Engine.IO comes from the server alone: it closes, once it has read all that was before.
      raw.send('2');
      await withTimeout(raw.closed, PATIENCE_MS, 'the end').catch(() => {});
    } finally {
      raw.close();
    }
    return null;
  }

  async #poll({ token, sid, bodies }: PollingCase, address: string): Promise<number | null> {
    const base = `http://127.0.0.1:${this.#port}/socket.io/?EIO=4&transport=polling`;
    const headers = { 'x-forwarded-for': address };
    const opened = await (await fetch(base, { headers })).text();
    const own = (JSON.parse(opened.slice(1)) as { sid: string }).sid;
    const post = (id: string, body: string) =>
      fetch(`${base}&sid=${id}`, { method: 'POST', body, headers }).then(({ status }) => status);
    const statuses = [await post(own, `40${JSON.stringify({ token: this.#token(token) })}`)];
    for (const body of bodies) statuses.push(await post(sid ?? own, body));
    await post(own, '1');
    return Math.max(...statuses);
  }
}

/** What names no namespace is meant for the one that was entered: in any other, the connection would be over. */
function bytesOf(step: Step, namespace: string | null): Buffer {
  if ('text' in step)
    return frame(namespace === '/presence' ? step.text.replace(/^42(?!\/)/, '42/presence,') : step.text);
  return frame(Buffer.from(step.payload, 'base64'), step);
}

const UNFINISHED = ['content-length', 'transfer-encoding', 'expect', 'upgrade', 'connection'];

/** A request that ends where it seems to, and asks for no other protocol: it has to be answered, whatever is in it. */
export function isWhole({ method, headers }: HttpCase): boolean {
  return method !== 'CONNECT' && headers.every(([name]) => !UNFINISHED.includes(name.toLowerCase()));
}
