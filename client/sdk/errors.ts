/** An error of the SDK; `code` is stable, `message` is for people who read logs. */
export class VigilError extends Error {
  /** `offline`, `timeout`, `token_unavailable`, `login_changed`, or a code of the server (`not_participating`, …). */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`Vigil: ${message}`, options);
    this.name = 'VigilError';
    this.code = code;
  }
}
