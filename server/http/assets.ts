import { type Response, Router } from 'express';
import type { HttpContext } from './context.ts';
import { Problem } from './problem.ts';

const FILES = {
  'vigil.js': 'text/javascript',
  'vigil.mjs': 'text/javascript',
  'vigil.js.map': 'application/json',
  'vigil.mjs.map': 'application/json',
};

/** The browser SDK, which any page may load: `/vigil.js`, `/vigil.mjs`. */
export function assetRoutes({ assetsDir }: HttpContext): Router {
  const router = Router();
  for (const [file, type] of Object.entries(FILES)) {
    router.get(`/${file}`, async (_req, res) => {
      res.set({
        'Content-Type': `${type}; charset=utf-8`,
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
        // Asked again each time, answered 304 mostly: a fixed SDK must reach every page soon.
        'Cache-Control': 'public, no-cache',
      });
      await sendFile(res, file, assetsDir);
    });
  }
  return router;
}

function sendFile(res: Response, file: string, root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    res.sendFile(file, { root, cacheControl: false }, (error) => {
      if (error === undefined || res.headersSent) resolve();
      else reject(new Problem('not_found', 'The SDK was not built.'));
    });
  });
}
