import { Router } from 'express';
import { asyncApiDocument } from '../api-docs/asyncapi.ts';
import { openApiDocument } from '../api-docs/openapi.ts';
import { anyPage } from './cors.ts';

/** This interface, described for machines: `/openapi.json` and, of the sockets, `/asyncapi.json`. */
export function apiDocsRoutes(): Router {
  const router = Router({ caseSensitive: true });
  for (const [path, make] of [
    ['/openapi.json', openApiDocument],
    ['/asyncapi.json', asyncApiDocument],
  ] as const) {
    let made: string | undefined;
    router.get(path, anyPage, (_req, res) => {
      made ??= JSON.stringify(make());
      res.set('Cache-Control', 'public, no-cache').type('json').send(made);
    });
  }
  return router;
}
