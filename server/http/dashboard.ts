import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Response, Router } from 'express';
import type { HttpContext } from './context.ts';
import { Problem } from './problem.ts';

/** The place in the page for the origins that may hand it a token. */
const ORIGINS_META = '<meta name="vigil-origins" content="">';

/** The admin's page: `/dashboard/`. Anybody may load it; what it shows needs a token. */
export function dashboardRoutes({ assetsDir, allowedOrigins }: HttpContext): Router {
  const folder = join(assetsDir, 'dashboard');
  const policy = contentPolicy(allowedOrigins);
  const router = Router({ caseSensitive: true });

  // Relative, so that it holds under whatever prefix a proxy has put before it.
  router.get(/^\/dashboard$/, (_req, res) => res.redirect(308, 'dashboard/'));
  router.get(['/dashboard/', '/dashboard/index.html'], (_req, res) => {
    const page = readPage(folder).replace(
      ORIGINS_META,
      ORIGINS_META.replace('""', `"${allowedOrigins.join(' ')}"`),
    );
    protect(res, policy);
    res.set('Cache-Control', 'no-cache').type('html').send(page);
  });
  router.use(
    '/dashboard',
    express.static(folder, {
      index: false,
      redirect: false,
      setHeaders: (res, path) => {
        // The build names what is in there by its content.
        const lasting = path.startsWith(join(folder, 'assets'));
        res.setHeader('Cache-Control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  return router;
}

/** Nothing inline, nothing from elsewhere, shown only in this origin's frames and in those of allowed pages. */
function contentPolicy(allowedOrigins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    ['frame-ancestors', "'self'", ...allowedOrigins].join(' '),
  ].join('; ');
}

function protect(res: Response, policy: string): void {
  res.set('Content-Security-Policy', policy);
  // It knows no list; frame-ancestors stands in its place.
  res.removeHeader('X-Frame-Options');
  // A host that opens the page in a window of its own must still be heard.
  res.removeHeader('Cross-Origin-Opener-Policy');
}

function readPage(folder: string): string {
  try {
    return readFileSync(join(folder, 'index.html'), 'utf8');
  } catch {
    throw new Problem('not_found', 'The dashboard was not built.');
  }
}
