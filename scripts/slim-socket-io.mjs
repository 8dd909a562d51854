// What the browser SDK needs not of socket.io-client stays out of its bundle: 20 kB is all that a page is asked for.
// Each replacement names a module by the end of its path; one that is not met fails the build, so that an upgrade
// that moves things is noticed.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Module → what stands in its place, or what is made of it. */
const REPLACED = {
  // Of the transports only WebSocket and, as an option, polling are used; fetch does it in half the code of XHR.
  'engine.io-client/build/esm/transports/webtransport.js': 'export class WT {}',
  'engine.io-client/build/esm/transports/polling-xhr.js':
    "export { Fetch as XHR } from './polling-fetch.js';",
  // Options of the WebSocket class of Node.
  'engine.io-client/build/esm/transports/websocket.js': (source) =>
    source.replace(/pick\(this\.opts,[^)]*\)/, '{}'),
  // No message of Vigil is binary, in either direction.
  'socket.io-parser/build/esm/is-binary.js': 'export const isBinary = () => false, hasBinary = isBinary;',
  'socket.io-parser/build/esm/binary.js':
    'const none = () => { throw new Error("binary"); }; export { none as deconstructPacket, none as reconstructPacket };',
  'engine.io-parser/build/esm/contrib/base64-arraybuffer.js':
    'export const decode = () => { throw new Error("binary"); };',
  // The SDK decides itself when to try again.
  'socket.io-client/build/esm/contrib/backo2.js': 'export class Backoff { reset() {} }',
  // Browsers parse addresses themselves.
  'engine.io-client/build/esm/contrib/parseuri.js':
    'export function parse(text) { const { protocol, hostname, port } = new URL(text);' +
    ' return { protocol: protocol.slice(0, -1), host: hostname.replace(/^\\[|]$/g, ""), port }; }',
  'engine.io-client/build/esm/contrib/parseqs.js':
    'export const encode = (query) => String(new URLSearchParams(query)), decode = encode;',
};

/**
 * Names of properties that may be shortened: private by socket.io-client's own convention, or long and known to nobody
 * outside the bundle. None of them goes over the wire or belongs to the browser.
 */
export const PRIVATE_NAMES = new RegExp(
  `^(_[a-z]\\w*|${[
    'emitReserved|setTimeoutFn|clearTimeoutFn|writeBuffer|sendBuffer|receiveBuffer|skipReconnect|supportsBinary',
    'notifyOutgoingListeners|listenersAnyOutgoing|reconnectionAttempts|reconnectionDelay|reconnectionDelayMax',
    'randomizationFactor|transportImplementations|emitBuffered|createTransport|setTransport|encodeAsString',
    'encodeAsBinary|decodeString|onHandshake|ondisconnect|addEventListeners|subEvents|priorWebsocketSuccess',
    'reconstructor|finishedReconstruction|reconPack|timestampRequests|timestampParam|extraHeaders|autoUnref',
    'removeAllListeners|closeOnBeforeunload|rememberUpgrade|perMessageDeflate|addTrailingSlash|tryAllTransports',
    'transportOptions|rejectUnauthorized|receiveBuffer|emitEvent|onconnect|onevent|onack|ondecoded|takeBinaryData',
  ].join('|')})$`,
  'i',
);

/** @returns {import('esbuild').Plugin} */
export function slimSocketIo() {
  return {
    name: 'slim-socket-io',
    setup(build) {
      const missing = new Set(Object.keys(REPLACED));
      // Past `io()` and its cache of managers, straight to the Manager.
      build.onResolve({ filter: /^socket\.io-client$/ }, async ({ kind, resolveDir, pluginData }) => {
        if (pluginData === 'found') return undefined;
        const found = await build.resolve('socket.io-client', { kind, resolveDir, pluginData: 'found' });
        return { path: found.path.replace(/index\.js$/, 'manager.js') };
      });
      build.onLoad({ filter: /[\\/](engine|socket)\.io-(client|parser)[\\/]/ }, async ({ path }) => {
        const name = Object.keys(REPLACED).find((end) => path.replaceAll('\\', '/').endsWith(end));
        if (name === undefined) return undefined;
        const replacement = REPLACED[name];
        const source = await readFile(path, 'utf8');
        const contents = typeof replacement === 'function' ? replacement(source) : replacement;
        if (contents !== source) missing.delete(name);
        return { contents, loader: 'js', resolveDir: dirname(path) };
      });
      build.onEnd(() => ({
        errors: [...missing].map((name) => ({ text: `${name} is not what it was in socket.io-client` })),
      }));
    },
  };
}
