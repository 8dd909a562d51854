export interface Finding {
  level: 'good' | 'odd' | 'bad';
  what: string;
  /** What to do about it. */
  advice?: string;
  /** Somebody does not answer; nothing that did is wrong. */
  away?: boolean;
}

export const SIGNS: Record<Finding['level'], string> = { good: ' ok ', odd: 'note', bad: 'BAD ' };
