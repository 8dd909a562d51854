import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';
import { ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts';
import type { EndReason } from '../../shared/events.ts';
import { EngineUnavailable } from '../engine/engine.ts';
import { KeysUnavailable } from '../keys.ts';
import { TokenRefused } from '../tokens.ts';

/** Why a call was refused, as its caller is told. Thrown by handlers, answered in one place. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly reason: EndReason | undefined;
  constructor(code: ErrorCode, detail: string, reason?: EndReason) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.reason = reason;
  }
}

/** What an error that reached the end of the routes means to the caller; undefined where it is a fault of ours. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof TokenRefused) return new Problem(error.code, error.message);
  if (error instanceof EngineUnavailable)
    return new Problem('unavailable', 'The engine cannot be reached; nothing was changed.');
  if (error instanceof KeysUnavailable)
    return new Problem('unavailable', 'The keys that tokens are verified with cannot be had yet.');
  // What the router and the body parser throw carries a status and a type.
  const { status, type } = error as { status?: unknown; type?: unknown };
  if (type === 'entity.too.large') return new Problem('too_large', 'The body is larger than 16 kB.');
  if (type === 'entity.parse.failed') return new Problem('bad_request', 'The body is not JSON.');
  if (error instanceof URIError) return new Problem('bad_request', 'The path is badly percent-encoded.');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem('bad_request', 'The request cannot be read.');
  return undefined;
}

/** Answers with RFC 9457 problem details. */
export function sendProblem(res: Response, { code, message, reason }: Problem): void {
  const status = ERROR_STATUS[code];
  if (status === 401)
    res.set('WWW-Authenticate', code === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"');
  if (status === 503) res.set('Retry-After', '2');
  if (status === 429) res.set('Retry-After', '10');
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code,
    detail: message,
    ...(reason && { reason }),
  };
  res.status(status).setHeader('Content-Type', 'application/problem+json');
  res.end(JSON.stringify(body));
}
