export interface Finding {
  level: 'good' | 'odd' | 'bad';
  what: string;
  /** What to do about it. */
  advice?: string;
}

export const SIGNS: Record<Finding['level'], string> = { good: ' ok ', odd: 'note', bad: 'BAD ' };
