import type { Page } from 'playwright-core';
import type { ConnectOptions, Ended, VigilState } from '../../client/sdk/api.ts';
import { bundleSdk } from '../../scripts/bundle-sdk.mjs';
import type { Device } from './chromium.ts';
import { type FakeVigil, looseToken } from './fake-vigil.ts';
import { temporaryFolder } from './places.ts';
import { until } from './waiting.ts';

/** The strictest policy that a host may have and still use the SDK, as docs/sdk.md gives it. */
export const STRICT_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-src 'self' http:",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Bundles the SDK into a folder of its own, as the build does. */
export async function bundledSdk(): Promise<string> {
  const folder = temporaryFolder('sdk');
  const missing = await bundleSdk(process.cwd(), folder);
  if (missing.length > 0) throw new Error(`The SDK lacks ${missing.join(', ')}`);
  return folder;
}

export interface DeskOptions {
  /** Options of `Vigil.connect` that survive JSON. */
  connect?: Partial<ConnectOptions>;
  /** JavaScript of the host; sees `options` before it connects, and `window.client` later. */
  host?: string;
  body?: string;
  path?: string;
  lang?: string;
  headers?: Record<string, string>;
}

export type Seen = [event: string, ...payload: unknown[]];

export interface DeskWindow {
  client: {
    state: VigilState;
    logout(): Promise<void>;
    setAvailability(available: boolean): Promise<void>;
    serverNow(): number;
    stay(): void;
    disconnect(): void;
  };
  seen: Seen[];
  violations: string[];
  token: string | null;
  tokenCalls: number;
  ended?: Ended;
}

export interface SdkWindow {
  Vigil: { version: string; current: DeskWindow['client'] | null };
}

/** A host's page that runs the SDK, and what it saw. */
export async function openDesk(device: Device, vigil: FakeVigil, options: DeskOptions = {}): Promise<Page> {
  const url = writeDesk(vigil, options);
  const page = await device.openPage();
  await page.addInitScript('globalThis.__name ??= (f) => f');
  await page.goto(url);
  return page;
}

export function writeDesk(vigil: FakeVigil, options: DeskOptions = {}): string {
  const {
    connect = {},
    host = '',
    body = '<textarea id="reply"></textarea>',
    path = '/desk',
    lang = 'en',
  } = options;
  vigil.page(
    `${path}.js`,
    `window.seen = []; window.violations = []; window.tokenCalls = 0;
     window.token ??= ${JSON.stringify(looseToken())};
     addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
     const options = { getToken: async () => { tokenCalls += 1; return window.token; }, ...${JSON.stringify(connect)} };
     ${host};
     window.client = Vigil.connect(options);
     for (const event of ['state', 'warning', 'resumed', 'ended', 'offline', 'session']) {
       client.on(event, (...payload) => seen.push([event, ...payload]));
     }`,
    { 'content-type': 'text/javascript' },
  );
  return vigil.page(
    path,
    `<!doctype html><html lang="${lang}"><head><title>Ticket 17</title><link rel="icon" href="data:,"></head>
     <body><main><h1>Ticket 17</h1>${body}</main><script src="/vigil.js"></script><script src="${path}.js"></script></body></html>`,
    { 'content-security-policy': STRICT_CSP, ...options.headers },
  );
}

export const stateOf = (page: Page): Promise<VigilState> =>
  page.evaluate(() => (window as unknown as DeskWindow).client.state);

export async function waitForState(page: Page, state: VigilState, timeoutMs = 5_000): Promise<void> {
  await until(async () => (await stateOf(page)) === state, `the state ${state}`, { timeoutMs });
}

export const seenBy = (page: Page): Promise<Seen[]> =>
  page.evaluate(() => (window as unknown as DeskWindow).seen);

/** The open dialog of the SDK in a page, whatever it shows. */
export const dialogOf = (page: Page) => page.locator('vigil-panel dialog[open]');
