import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Api, apiOf } from '../support/api.ts';
import type { Device } from '../support/chromium.ts';
import { startVigil, type VigilProcess } from '../support/node-process.ts';
import { SECRET, signServiceToken } from '../support/tokens.ts';
import { until } from '../support/waiting.ts';

/** Long enough for a browser to do something, short enough to wait for. */
export const TIMEOUT_MS = 8_000;
export const LEAD_MS = 3_000;
const ACCOUNT = 'tidewater';

/** What is offered on the desk's login page. */
export const PEOPLE = {
  mara: { email: 'mara@tidewater.example', password: 'gravel-and-rain', login: '/login' },
  jonas: { email: 'jonas@tidewater.example', password: 'spoke-by-spoke', login: '/login' },
  priya: { email: 'priya@tidewater.example', password: 'chain-of-events', login: '/login' },
  tomas: { email: 'tomas@example.org', password: 'downhill-only', login: '/help/login' },
} as const;
export type Who = keyof typeof PEOPLE;

export interface AuditEvent {
  type: string;
  at: number;
  data: Record<string, unknown> & { agent?: string; reason?: string; inactivity?: string | null };
}

/** The demo desk in a process of its own, with a timeout that a test can wait for. */
export interface Desk {
  readonly node: VigilProcess;
  readonly url: string;
  /** Vigil's HTTP interface, as the desk's backend. */
  readonly api: Api;
  setPolicy(policy: { timeoutSeconds?: number; agent?: boolean; requester?: boolean }): Promise<void>;
  /** When an agent's sessions ended, newest first. */
  ends(agent: Who): Promise<AuditEvent[]>;
  deadlineOf(agent: Who): Promise<number>;
  /** As a manager would; leaves nothing of an agent for the next test. */
  signOut(agent: Who): Promise<void>;
  close(): Promise<unknown>;
}

export async function startDesk(env: Record<string, string> = {}): Promise<Desk> {
  const node = await startVigil({
    VIGIL_DEMO: '1',
    VIGIL_JWT_SECRET: SECRET,
    VIGIL_MIN_TIMEOUT: `${TIMEOUT_MS / 1000}s`,
    VIGIL_WARNING_LEAD: `${LEAD_MS / 1000}s`,
    ...env,
  });
  const desk = deskOf(node);
  // Where another minimum is asked for, the test sets its own policy.
  if (env.VIGIL_MIN_TIMEOUT === undefined) await desk.setPolicy({});
  return desk;
}

export function deskOf(node: VigilProcess): Desk {
  const api = apiOf(node.url, signServiceToken({ account: ACCOUNT }));
  return {
    node,
    url: node.url,
    api,
    async setPolicy({ timeoutSeconds = TIMEOUT_MS / 1000, agent = true, requester = true }) {
      const answer = await api.put('/v1/policy', { timeoutSeconds, rememberMe: { agent, requester } });
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    },
    async ends(agent) {
      const { status, body } = await api.get(`/v1/audit?type=session.ended&agent=${agent}`);
      expect(status, JSON.stringify(body)).to.equal(200);
      return body.events;
    },
    async deadlineOf(agent) {
      const { status, body } = await api.get(`/v1/agents/${agent}`);
      expect(status, JSON.stringify(body)).to.equal(200);
      return body.deadlineAt;
    },
    async signOut(agent) {
      const { status } = await api.post(`/v1/agents/${agent}/sign-out`);
      expect(status).to.equal(204);
    },
    close: () => node.close(),
  };
}

/** Signs a person in by the form; resolves when their tickets are there and, for an agent, Vigil knows the tab. */
export async function signIn(page: Page, desk: Desk, who: Who, remember = false): Promise<void> {
  const { email, password, login } = PEOPLE[who];
  await page.goto(desk.url + login);
  await fillIn(page, email, password, remember);
  await page.waitForURL(login === '/login' ? /\/desk\/tickets/ : /\/help(?!\/login)/);
  if (login === '/login') await connected(page);
}

export async function fillIn(page: Page, email: string, password: string, remember = false): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  if (remember) await page.getByLabel('Remember me').check();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** A further tab of the agent who is signed in on this device; it comes to the front. */
export async function openDesk(device: Device, desk: Desk, path = '/desk'): Promise<Page> {
  const page = await device.openPage(desk.url + path);
  await connected(page);
  return page;
}

/** The SDK in this page has heard from the server. Asked of the desk's own module: a page has one connection. */
export async function connected(page: Page): Promise<void> {
  await until(
    () => inPage(page, sdkState).then((state) => state === 'active' || state === 'warning'),
    'the SDK',
  );
}

const sdkState = `import('/desk/assets/session.js').then(({ vigil }) => vigil.state)`;

export interface Shown {
  /** What covers the page, if anything. */
  kind: 'nothing' | 'warning' | 'cover';
  /** Whether the page itself can be seen. */
  pageVisible: boolean;
  title: string;
  /** What the countdown says. */
  time: string;
  path: string;
  /** The line above the content: on the login page, why somebody is there. */
  notice: string;
}

/** What stands in a tab, also in one that is hidden (where locators would wait for frames that never come). */
export async function shown(page: Page): Promise<Shown> {
  return inPage(
    page,
    `(() => {
      const dialog = document.querySelector('vigil-panel')?.shadowRoot?.querySelector('dialog[open]');
      const hiding = dialog?.classList.contains('hiding');
      return {
        kind: !dialog ? 'nothing' : hiding ? 'cover' : 'warning',
        pageVisible: document.body !== null && getComputedStyle(document.body).visibility === 'visible',
        title: document.title,
        time: dialog?.querySelector('[role=timer]')?.textContent ?? '',
        path: location.pathname + location.search,
        notice: document.querySelector('main .notice')?.textContent ?? '',
      };
    })()`,
  );
}

/** Runs where the page may just be leaving: then there is no answer, and the asker asks again. */
export async function inPage<T>(page: Page, expression: string): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return (await page.evaluate(expression)) as T;
    } catch (error) {
      const leaving = /Execution context was destroyed|navigation|Failed to fetch/i.test(String(error));
      if (!leaving || attempt >= 20) throw error;
      await page.waitForLoadState('domcontentloaded');
    }
  }
}

export function untilShown(
  page: Page,
  want: (now: Shown) => boolean,
  what: string,
  timeoutMs = 5_000,
): Promise<Shown> {
  let last: Shown | undefined;
  return until(
    async () => {
      last = await shown(page);
      return want(last) ? last : undefined;
    },
    () => `${what}; there is ${JSON.stringify(last)}`,
    { timeoutMs },
  );
}

export const untilWarned = (page: Page, timeoutMs = TIMEOUT_MS) =>
  untilShown(page, ({ kind }) => kind === 'warning', 'the warning', timeoutMs);

export const untilUncovered = (page: Page, timeoutMs = 3_000) =>
  untilShown(
    page,
    ({ kind, pageVisible }) => kind === 'nothing' && pageVisible,
    'the page as it is',
    timeoutMs,
  );

/** The login page, after a session has ended, with the reason on it. */
export const untilSignedOut = (page: Page, timeoutMs = 5_000) =>
  untilShown(
    page,
    ({ path, notice }) => path.startsWith('/login') && notice !== '',
    'the login page',
    timeoutMs,
  );

export const TIMED_OUT = `You were signed out after ${TIMEOUT_MS / 1000} seconds without activity.`;

let step = 0;
/** A real movement of the mouse: somebody is there. */
export async function moveMouse(page: Page): Promise<void> {
  step = (step + 17) % 300;
  await page.mouse.move(400 + step, 500 + step);
}
