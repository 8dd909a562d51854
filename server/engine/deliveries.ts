import type { VigilEvent } from '../../shared/events.ts';

/**
 * What an engine knows of deliveries: for each account, up to which event everything was delivered, and when the next
 * attempt is due. Only an engine that was opened with `deliver` makes accounts owe something; what is owed begins with
 * the first event after that, and outlives every node as the audit log does. An event and the debt are one step.
 *
 * An account is worked on by one node at a time, which has claimed it for a while.
 */
export interface Deliveries {
  /**
   * Claims accounts whose next attempt is due, at most `limit`, for `leaseMs`: until then nobody else gets them, unless
   * they are settled before. `accounts`: it is enough to look where these are.
   */
  claim(request: {
    limit: number;
    leaseMs: number;
    accounts?: readonly string[] | undefined;
  }): Promise<DeliveryClaim[]>;

  /** Writes down what came of a claim and gives it up, all in one step. False: the claim had lapsed, nothing is written. */
  settle(outcome: DeliveryOutcome): Promise<boolean>;

  /** Makes accounts due that wait because the receiver could not be reached: `most` of each partition, the soonest first. */
  hasten(most: number): Promise<void>;

  /** How many accounts owe something, and since when the one that owes the longest. */
  backlog(): Promise<{ accounts: number; oldestAt: number | null }>;

  /** What was given up, oldest first: at most 1,000 of an account, for 31 days after it happened. */
  deadLetters(account: string): Promise<DeadLetter[]>;

  /** Marks all dead letters of the account to be sent once more, and makes it due; answers how many they are. */
  resend(account: string): Promise<number>;
}

export interface DeliveryClaim {
  account: string;
  /** Names this claim. */
  claim: string;
  /** Id of the event up to which everything is settled. */
  after: string;
  /** Id of the newest event that can be read now. */
  last: string;
  failing: DeliveryFailing | null;
  /** How many dead letters are to be sent again. */
  resending: number;
}

/** Attempts that failed with nothing delivered in between. */
export interface DeliveryFailing {
  attempts: number;
  since: number;
  /** Whether the receiver as such could not be reached, and did not merely refuse the event. */
  unreachable: boolean;
}

export interface DeliveryOutcome {
  account: string;
  claim: string;
  /** Everything up to here is settled: delivered, or a dead letter. */
  upTo: string;
  failing: DeliveryFailing | null;
  /** When the next attempt may be, if anything is owed. */
  retryInMs: number;
  /** When the oldest event happened that is still owed, if any is. */
  oldestAt: number;
  dead: { event: VigilEvent; error: string }[];
  /** What became of dead letters that were to be sent again; those not taken stay where they are. */
  resent: { id: string; taken: boolean }[];
}

export interface DeadLetter {
  event: VigilEvent;
  /** When it was given up. */
  failedAt: number;
  /** Why the last attempt failed. */
  error: string;
  /** Whether it is waiting to be sent again. */
  resending: boolean;
}

export const DEAD_LETTERS = 1_000;
