// What the browser SDK needs not of socket.io-client stays out of its bundle: 20 kB is all that a page is asked for.
// Each replacement names a module by the end of its path; one that is not met fails the build, so that an upgrade
// that moves things is noticed.

/** Module → what stands in its place. */
const REPLACED = {
  // Of the transports only WebSocket and, as an option, polling are used; fetch does it in half the code of XHR.
  'engine.io-client/build/esm/transports/webtransport.js': 'export class WT {}',
  'engine.io-client/build/esm/transports/polling-xhr.js':
    "export { Fetch as XHR } from './polling-fetch.js';",
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
    ' return { protocol: protocol.slice(0, -1), host: hostname, port }; }',
  'engine.io-client/build/esm/contrib/parseqs.js':
    'export const encode = (query) => String(new URLSearchParams(query)), decode = encode;',
};

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
      build.onLoad({ filter: /[\\/](engine|socket)\.io-(client|parser)[\\/]/ }, ({ path }) => {
        const name = Object.keys(REPLACED).find((end) => path.replaceAll('\\', '/').endsWith(end));
        if (name === undefined) return undefined;
        missing.delete(name);
        return { contents: REPLACED[name], loader: 'js', resolveDir: path.replace(/[^\\/]+$/, '') };
      });
      build.onEnd(() => ({
        errors: [...missing].map((name) => ({ text: `${name} is not part of socket.io-client any more` })),
      }));
    },
  };
}
