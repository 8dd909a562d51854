/**
 * `/vigil.js`: defines `window.Vigil`, and connects at once where its script tag says how to get a token:
 *
 * ```html
 * <script src="https://vigil.example/vigil.js" data-token-url="/session/token" data-login-url="/login"></script>
 * ```
 */
import { bridge } from './activity/bridge.ts';
import type { Vigil as Client, ConnectOptions } from './api.ts';
import { VigilError } from './errors.ts';
import { connect } from './index.ts';
import { version } from './version.ts';

declare global {
  interface Window {
    Vigil: {
      connect(options: ConnectOptions): Client;
      bridge: typeof bridge;
      VigilError: typeof VigilError;
      version: string;
      /** What the script tag connected by itself; null where it has no `data-token-url` or `data-token`. */
      current: Client | null;
    };
  }
}

const script = document.currentScript as HTMLScriptElement | null;
/** Where the script came from is where Vigil is, unless it says otherwise. */
const origin = script?.src ? { url: new URL('.', script.src).href } : {};
const connectHere = (options: ConnectOptions) => connect({ ...origin, ...options });

window.Vigil = { connect: connectHere, bridge, VigilError, version, current: null };
window.Vigil.current = startFrom(script?.dataset ?? {});

function startFrom(attributes: DOMStringMap): Client | null {
  const { token, tokenUrl, frameOrigins, ...rest } = attributes;
  if (token === undefined && tokenUrl === undefined) return null;
  const flags = Object.fromEntries(
    ['polling', 'warning', 'notify', 'sound']
      .filter((name) => name in rest)
      .map((name) => [name, flag(rest[name]!)]),
  );
  return connectHere({
    ...rest,
    ...flags,
    getToken: tokenUrl === undefined ? () => token! : () => fetchToken(tokenUrl),
    ...(frameOrigins === undefined ? {} : { frameOrigins: frameOrigins.split(/[\s,]+/).filter(Boolean) }),
  } as ConnectOptions);
}

/** `data-sound`, `data-sound="true"`, `data-sound="off"`, `data-sound="/chime.mp3"`. */
function flag(value: string): boolean | string {
  if (/^(true|on|)$/.test(value)) return true;
  return /^(false|off)$/.test(value) ? false : value;
}

/** Asked by POST, as by `getToken` in the docs: what it answers is new. The token as text, or as JSON `{ "token": … }`. 401 and 403: nobody is signed in here. */
async function fetchToken(url: string): Promise<string | null> {
  const response = await fetch(url, { method: 'POST' });
  if (response.status === 401 || response.status === 403) return null;
  if (!response.ok) throw new Error(`POST ${url} answered ${response.status}`);
  const text = (await response.text()).trim();
  return text.startsWith('{') ? (JSON.parse(text) as { token: string | null }).token : text;
}
