/** The connection to Redis, whatever its form. */
export interface RedisLink {
  /**
   * Sends one command to the server that holds `key`. Commands about one key are carried out, and answered, in the order
   * of the calls. Rejects where there is no answer, at the latest after `COMMAND_TIMEOUT_MS`: then it may have been
   * carried out.
   */
  send(key: string, words: string[]): Promise<unknown>;
  /** Answers what is under way, then closes. */
  close(): Promise<void>;
}

export const COMMAND_TIMEOUT_MS = 3_000;
