/** A word of a command; bytes where it is no text. */
export type Word = string | Buffer;

/** The connection to Redis, whatever its form. */
export interface RedisLink {
  /**
   * Sends one command to the server that holds `key`. Commands about one key are carried out, and answered, in the order
   * of the calls. Rejects where there is no connection, and where the server answers nothing for
   * `COMMAND_TIMEOUT_MS`: then it may have been carried out.
   */
  send(key: string, words: Word[]): Promise<unknown>;
  /** Calls back when another connection has taken the place of one that had not failed. */
  onReplaced?(listener: () => void): void;
  close(): Promise<void>;
}

export const COMMAND_TIMEOUT_MS = 3_000;

/** A connection that, once it has failed, stays so. */
export interface Connection {
  send(key: string, words: Word[]): Promise<unknown>;
  /** Answers what is under way first. */
  close(): Promise<void>;
  /** Rejects what is under way. */
  destroy(): void;
  /** Keys of one group are with one server; where a server answers nothing about any of them, it hangs. */
  groupOf(key: string): string;
  /** One of its servers hangs. */
  hangs(): void;
  /** Whether others say that another server has taken over; rejects where nobody can be asked. */
  isOutdated?(): Promise<boolean>;
}
