import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler } from 'express';
import { createCookies } from './cookies.ts';
import type { DeskContext } from './desk-context.ts';
import { createDrafts } from './drafts.ts';
import { createLoginThrottle } from './login-throttle.ts';
import { pageHeaders, refuseForeign } from './page-headers.ts';
import { ASSETS } from './pages/layout.ts';
import { messagePage, SAYINGS } from './pages/message.ts';
import { createDirectory, type Person } from './people.ts';
import { agentCalls } from './routes/agent-calls.ts';
import { agentPages } from './routes/agent-pages.ts';
import { agentSessions } from './routes/agent-sessions.ts';
import { agentTicket } from './routes/agent-ticket.ts';
import { loginRoutes } from './routes/login.ts';
import { requesterRoutes } from './routes/requester.ts';
import { sampleTickets } from './samples.ts';
import { createSessions } from './sessions.ts';
import { createTickets } from './tickets.ts';
import { createVigil } from './vigil.ts';

export interface DemoDeskOptions {
  /** Where Vigil's HTTP calls are, seen from here; asked for each call. In the browser it is the desk's own origin. */
  vigilUrl: () => string;
  /** The HS256 secret that Vigil verifies with. */
  jwtSecret: string;
  /** The `whsec_…` secret with which Vigil signs what it sends to WEBHOOK_PATH. */
  webhookSecret: string;
  /** Where sessions, tickets and drafts are kept; null: nowhere, a restart forgets them. */
  dataDir: string | null;
  clock?: { now(): number };
  /** Behind TLS. */
  secureCookies?: boolean;
  people?: readonly Person[];
  warn?: (message: string) => void;
}

export interface DemoDesk {
  handler: express.Router;
  /** Resolves once everything is on the disk. */
  close(): Promise<void>;
}

/** The longest text, percent-encoded at nine bytes a character, and the rest of its form. */
const BODY_LIMIT = '256kb';
const PUBLIC = fileURLToPath(new URL('./public/', import.meta.url));

/** Where the desk hears of Vigil's events. */
export const WEBHOOK_PATH = '/desk/vigil-events';

/** A small service desk that uses Vigil as any host would: by the host kit on its server, and by the script in its pages. */
export function createDemoDesk(options: DemoDeskOptions): DemoDesk {
  const { dataDir: dir, secureCookies = false, clock = { now: () => Date.now() }, warn = () => {} } = options;
  const shelving = { dir, warn };
  const desk: DeskContext = {
    clock,
    cookies: createCookies(secureCookies),
    directory: createDirectory(options.people),
    drafts: createDrafts(shelving, clock),
    sessions: createSessions(shelving, clock),
    throttle: createLoginThrottle(),
    tickets: createTickets(shelving, clock, sampleTickets),
    vigil: createVigil({ url: options.vigilUrl, secret: options.jwtSecret, clock, warn }),
  };

  const pages = express.Router();
  // Before what parses bodies, and before what asks where a form came from: its signature says that.
  pages.post(
    WEBHOOK_PATH,
    desk.vigil.host.webhook({
      secret: options.webhookSecret,
      onEnded: ({ sids, reason }) => desk.sessions.end(sids, reason),
    }),
  );
  pages.use(pageHeaders(secureCookies));
  pages.use(
    ASSETS,
    express.static(PUBLIC, { setHeaders: (res) => res.setHeader('Cache-Control', 'no-cache') }),
  );
  pages.use(refuseForeign((_req, res) => void res.status(403).send(messagePage(SAYINGS.foreign))));
  pages.use(express.urlencoded({ extended: false, limit: BODY_LIMIT }), express.json({ limit: BODY_LIMIT }));
  pages.get('/', (_req, res) => res.redirect(303, '/desk'));
  pages.get('/favicon.ico', (_req, res) => res.redirect(301, `${ASSETS}/icon.svg`));
  pages.use(loginRoutes(desk, 'agent'), loginRoutes(desk, 'requester'));
  pages.use(
    agentCalls(desk),
    agentPages(desk),
    agentTicket(desk),
    agentSessions(desk),
    requesterRoutes(desk),
  );
  pages.use((_req, res) => void res.status(404).send(messagePage(SAYINGS.notFound)));
  pages.use(onError(warn));

  const handler = express.Router();
  handler.use((req, res, next) => (isDeskPath(req.path) ? pages(req, res, next) : next()));
  return {
    handler,
    async close() {
      const saved = await Promise.allSettled([desk.sessions.save(), desk.tickets.save(), desk.drafts.save()]);
      for (const one of saved) if (one.status === 'rejected') warn(`the desk could not save: ${one.reason}`);
    },
  };
}

/** The desk shares its port with Vigil: whatever is not its own goes by untouched. */
function isDeskPath(path: string): boolean {
  return /^\/(?:$|favicon\.ico$|(?:login|logout|desk|help)(?:\/|$))/.test(path);
}

function onError(warn: (message: string) => void): ErrorRequestHandler {
  return (error, _req, res, next) => {
    if (res.headersSent) return next(error);
    // What the parsers and the router refuse carries its status; anything else is a fault of ours.
    const status = error?.status >= 400 && error?.status < 500 ? Number(error.status) : 500;
    if (status === 500)
      warn(`the desk failed to answer: ${error instanceof Error ? error.stack : String(error)}`);
    const saying = status === 500 ? SAYINGS.failed : status === 413 ? SAYINGS.tooLarge : SAYINGS.malformed;
    res.status(status).send(messagePage(saying));
  };
}
