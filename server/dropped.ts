/** What was dropped because a bound was hit: docs/limits.md names each of them, and the metric that counts them. */
export type Dropped =
  /** A connection, since there were as many as may be. */
  | 'connection'
  /** A connection that had not logged in, to make room for newer ones. */
  | 'pending_connection'
  /** A connection that sent too much, or too much nonsense. */
  | 'flooding_connection'
  | 'malformed_connection'
  /** A connection whose message was larger than 16 kB, or came in too many pieces. */
  | 'large_message'
  | 'fragmented_message'
  /** A connection that asked for a namespace again before it was answered. */
  | 'impatient_connection'
  /** A tab or a dashboard that does not read what it is sent. */
  | 'slow_reader'
  /** A push that is older than what the tabs have been told. */
  | 'stale_push'
  /** A report, for which there was no room while the engine was away. */
  | 'report'
  /** What was known of an address, a login that has ended, a warning. */
  | 'address'
  | 'ended_login'
  | 'lateness'
  /** What was delivered of an account beyond a webhook that failed: it is sent again. */
  | 'ahead_webhook'
  /** A login that asked Redis when too many did; it is told to come again. */
  | 'redis_call'
  /** A login without a tab, for which this node would have vouched had Redis lost its data. */
  | 'witnessed_login'
  /** An event that was told, and may be told once more. */
  | 'told_event'
  /** An end of the last seconds, kept in case Redis loses it. */
  | 'recent_end'
  /** A rev of the last seconds, kept for the same reason. */
  | 'recent_rev';

export type OnDropped = (what: Dropped) => void;
