/** What is counted of webhooks. */
export interface WebhookCounts {
  delivered(): void;
  /** An attempt failed. */
  failed(): void;
  /** So many events were given up. */
  dead(events: number): void;
  /** How old the oldest event is that is owed. */
  lag(seconds: number): void;
  /** What was known of an account beyond a webhook that failed had to be forgotten: it is sent again. */
  forgot(): void;
  /** The receiver answered 410. */
  stopped(): void;
}
