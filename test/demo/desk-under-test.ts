import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Webhook } from 'standardwebhooks';
import { createDemoDesk, type DemoDeskOptions, WEBHOOK_PATH } from '../../demo/desk.ts';
import { PEOPLE, type Role } from '../../demo/people.ts';
import { WEBHOOK_SECRET } from '../support/webhook-receiver.ts';
import { createVigilDouble, SECRET, type VigilDouble } from './vigil-double.ts';

export interface DeskUnderTest {
  url: string;
  vigil: VigilDouble;
  /** What the desk's clock says; tests move it. */
  clock: { at: number; now(): number };
  browser(): Browser;
  /** Sends the desk a webhook, as Vigil does. */
  hook(event: { id: string }, secret?: string): Promise<Response>;
  close(): Promise<void>;
}

export async function startDesk(options: Partial<DemoDeskOptions> = {}): Promise<DeskUnderTest> {
  const vigil = createVigilDouble();
  const clock = { at: Date.now(), now: () => clock.at };
  const app = express();
  let url = '';
  const desk = createDemoDesk({
    vigilUrl: () => url,
    jwtSecret: SECRET,
    webhookSecret: WEBHOOK_SECRET,
    dataDir: null,
    clock,
    ...options,
  });
  app.use('/v1', vigil.router);
  app.use('/', desk.handler);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    vigil,
    clock,
    browser: () => createBrowser(url),
    hook(event, secret = WEBHOOK_SECRET) {
      const body = JSON.stringify(event);
      const key = secret.startsWith('whsec_') ? secret : Buffer.from(secret).toString('base64');
      const at = new Date();
      const headers = {
        'webhook-id': event.id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(key).sign(event.id, at, body),
      };
      return fetch(url + WEBHOOK_PATH, { method: 'POST', headers, body });
    },
    async close() {
      await desk.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** As much of a browser as the desk's server sees: it keeps cookies, says where it comes from, fills forms. */
export interface Browser {
  /** Name → the `Set-Cookie` header that set it last. */
  cookies: Map<string, string>;
  get(path: string): Promise<Answer>;
  /** Posts a form, with the form token of the page that was read last. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  /** Calls as the page's scripts do. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  login(person: string, fields?: Record<string, string>): Promise<Answer>;
  /** Closes and opens it again: only what has a lifetime is left. */
  restart(): void;
}

export interface Answer {
  status: number;
  headers: Headers;
  location: string;
  text: string;
}

function createBrowser(url: string): Browser {
  const cookies = new Map<string, string>();
  let formToken = '';

  async function send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    const jar = [...cookies].map(([name, header]) => `${name}=${cookieValue(header)}`);
    headers.set('cookie', jar.join('; '));
    if (method !== 'GET' && !headers.has('origin')) headers.set('origin', url);
    const response = await fetch(url + path, { ...init, method, headers, redirect: 'manual' });
    for (const header of response.headers.getSetCookie()) {
      const name = header.slice(0, header.indexOf('='));
      if (/expires=Thu, 01 Jan 1970/i.test(header)) cookies.delete(name);
      else cookies.set(name, header);
    }
    const text = await response.text();
    const token = /(?:data-form|name="form" value)="([^"]+)"/.exec(text)?.[1];
    if (token !== undefined) formToken = token;
    return {
      status: response.status,
      headers: response.headers,
      location: response.headers.get('location') ?? '',
      text,
    };
  }

  const browser: Browser = {
    cookies,
    get: (path) => send('GET', path, { headers: { accept: 'text/html' } }),
    post: (path, fields = {}, headers = {}) =>
      send('POST', path, { headers, body: new URLSearchParams({ form: formToken, ...fields }) }),
    call: (method, path, body) =>
      send(method, path, {
        headers: { 'content-type': 'application/json', 'x-desk-form': formToken },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async login(id, fields = {}) {
      const person = PEOPLE.find((one) => one.id === id)!;
      const path: Record<Role, string> = { agent: '/login', requester: '/help/login' };
      const { email, password } = person;
      const answer = await browser.post(path[person.role], { email, password, ...fields });
      if (answer.status === 303) await browser.get(person.role === 'agent' ? '/desk/tickets' : '/help');
      return answer;
    },
    restart() {
      for (const [name, header] of cookies) if (!/max-age=[1-9]/i.test(header)) cookies.delete(name);
    },
  };
  return browser;
}

function cookieValue(setCookie: string): string {
  return setCookie.slice(setCookie.indexOf('=') + 1).split(';')[0]!;
}
