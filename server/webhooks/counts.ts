/** What is counted of webhooks. */
export interface WebhookCounts {
  delivered(): void;
  /** An attempt failed. */
  failed(): void;
  /** So many events were given up. */
  dead(events: number): void;
  /** How old the oldest event is that is owed. */
  lag(seconds: number): void;
  /** The receiver answered 410. */
  stopped(): void;
}
