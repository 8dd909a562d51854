import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page of another origin that embeds the dashboard as a host's Manage section would, and hands tokens over. */
export interface HostPage {
  readonly origin: string;
  /** The dashboard's address to put into the frame; it is known later than the host's own. */
  dashboard: string;
  /** What is handed over next; null: nobody is signed in. */
  token: () => string | null;
  /** How often it was asked for. */
  readonly asked: number;
  /** A page whose frame shows `place` (`#/audit`), with `query` before it. */
  url(place?: string, query?: string): string;
  close(): Promise<void>;
}

const PAGE = `<!doctype html><html lang="en"><head><title>Host</title><style>
html,body{margin:0;height:100%}iframe{display:block;width:100%;height:100%;border:0}</style></head><body>
<iframe title="Vigil"></iframe><script>
const target = new URL(new URLSearchParams(location.search).get('frame'));
const frame = document.querySelector('iframe');
addEventListener('message', async (event) => {
  if (event.source !== frame.contentWindow || event.origin !== target.origin) return;
  if (event.data?.type !== 'vigil:ready' && event.data?.type !== 'vigil:token-please') return;
  const { token } = await (await fetch('/token', { method: 'POST' })).json();
  frame.contentWindow.postMessage({ type: 'vigil:token', token }, target.origin);
});
frame.src = target;
</script></body></html>`;

export async function startHostPage(): Promise<HostPage> {
  let asked = 0;
  const server = createServer((req, res) => {
    if (req.method === 'POST') {
      asked += 1;
      res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ token: host.token() }));
    } else res.setHeader('Content-Type', 'text/html').end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const host: HostPage = {
    origin,
    dashboard: '',
    token: () => null,
    get asked() {
      return asked;
    },
    url: (place = '', query = '') =>
      `${origin}/?frame=${encodeURIComponent(`${host.dashboard}${query === '' ? '' : `?${query}`}${place}`)}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return host;
}
