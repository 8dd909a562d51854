import { type Answer, ask } from './ask.ts';
import type { Finding } from './finding.ts';
import { checkTokens } from './tokens.ts';
import { checkWebhooks } from './webhooks.ts';

export interface ServerToCheck {
  url: string;
  /** Whether somebody named the address; else it is where a server usually is, if there is one. */
  isNamed: boolean;
  /** Of pages that are to call it. */
  origin?: string | undefined;
  account?: string | undefined;
}

/** A running server as a browser on a page of `origin`, the host and Prometheus would find it. */
export async function checkServer(server: ServerToCheck, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { url, isNamed, origin, account } = server;
  const alive = await ask(`${url}/healthz`);
  if ((alive?.body as { status?: unknown } | undefined)?.status !== 'alive') {
    if (!isNamed)
      return [
        {
          level: 'odd',
          what: `no server is checked: none at ${url}`,
          advice: 'Start it, or name it with --url.',
        },
      ];
    const advice = 'Is it running, and is this how browsers reach it?';
    if (alive === null) return [{ level: 'bad', what: `no answer from ${url}/healthz`, advice, away: true }];
    return [{ level: 'bad', what: `${url} is no Vigil: /healthz says ${alive.status}`, advice }];
  }
  const findings: Finding[] = [{ level: 'good', what: `${url} answers` }];
  const ready = await ask(`${url}/readyz`);
  findings.push(
    ready?.status === 200
      ? { level: 'good', what: 'its engine answers' }
      : {
          level: 'bad',
          what: `/readyz says ${ready?.status ?? 'nothing'}`,
          advice: 'Redis or the data directory: see its log.',
        },
  );
  findings.push(...clock(alive!));
  if (ready?.status === 200) findings.push(...(await checkTokens(url, env, account)));
  findings.push(...(await checkWebhooks(url, env)));
  if (origin !== undefined) findings.push(...(await fromOrigin(url, origin)));
  return findings;
}

function clock(answer: Answer): Finding[] {
  const date = Date.parse(answer.headers.get('date') ?? '');
  const skew = Math.abs(date - Date.now());
  if (!(skew > 60_000)) return [];
  return [
    {
      level: 'odd',
      what: `its clock and this machine's differ by ${Math.round(skew / 1_000)} s`,
      advice: 'Tokens signed here may be refused there: run NTP.',
    },
  ];
}

async function fromOrigin(url: string, origin: string): Promise<Finding[]> {
  const preflight = await ask(`${url}/v1/session`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  });
  const allowed = preflight?.headers.get('access-control-allow-origin') === origin;
  const http: Finding = allowed
    ? { level: 'good', what: `pages of ${origin} may call it` }
    : {
        level: 'bad',
        what: `pages of ${origin} may not call it`,
        advice: `Add ${origin} to VIGIL_ALLOWED_ORIGINS.`,
      };
  const socket = await ask(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
  const open: Finding =
    socket?.status === 200
      ? { level: 'good', what: 'its socket endpoint is reachable' }
      : {
          level: 'bad',
          what: `its socket endpoint says ${socket?.status ?? 'nothing'}`,
          advice: 'The proxy must pass /socket.io/ on, with Upgrade.',
        };
  return [http, open];
}
