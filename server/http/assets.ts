import type { ServerResponse } from 'node:http';
import express, { Router } from 'express';
import type { HttpContext } from './context.ts';

const FILES = ['/vigil.js', '/vigil.mjs', '/vigil.js.map', '/vigil.mjs.map'];

/** The browser SDK, which any page may load: `/vigil.js`, `/vigil.mjs`. */
export function assetRoutes({ assetsDir }: HttpContext): Router {
  const router = Router({ caseSensitive: true });
  router.get(FILES, express.static(assetsDir, { index: false, redirect: false, setHeaders: forAnyPage }));
  return router;
}

function forAnyPage(res: ServerResponse): void {
  res.setHeader('Access-Control-Allow-Origin', '*');
  res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  // Asked again each time, answered 304 mostly: a mended SDK must reach every page soon.
  res.setHeader('Cache-Control', 'public, no-cache');
}
