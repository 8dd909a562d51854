/** Every code that Vigil answers with, and the HTTP status it comes with. One list: docs/protocol.md is held to it by a test. */
export const ERROR_STATUS = {
  bad_request: 400,
  token_missing: 401,
  token_invalid: 401,
  token_expired: 401,
  session_ended: 401,
  forbidden: 403,
  origin_denied: 403,
  not_found: 404,
  not_participating: 409,
  precondition_failed: 412,
  too_large: 413,
  out_of_range: 422,
  invalid: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Codes of an acknowledgement that refuses: `{ ok: false, code }`. `bad_payload` exists on sockets only. */
export type AckErrorCode =
  | 'bad_payload'
  | 'not_participating'
  | 'rate_limited'
  | 'unavailable'
  | 'session_ended'
  | 'token_invalid'
  | 'token_expired';

/** Codes of a refused connection (`connect_error.data.code`). */
export type ConnectErrorCode =
  | 'token_missing'
  | 'token_invalid'
  | 'token_expired'
  | 'session_ended'
  | 'origin_denied'
  | 'rate_limited'
  | 'forbidden'
  | 'unavailable';
