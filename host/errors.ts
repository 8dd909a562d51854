/** Vigil could not be asked, or did not take the question (a wrong key, a wrong address). */
export class VigilUnavailable extends Error {
  readonly code = 'unavailable';
  /** HTTP status of its answer; null where there was none. */
  readonly status: number | null;
  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VigilUnavailable';
    this.status = status;
  }
  /** It answers, and does not take what this host says: no waiting mends that, somebody has to. */
  get refused(): boolean {
    return this.status !== null && this.status < 500 && this.status !== 429;
  }
}
