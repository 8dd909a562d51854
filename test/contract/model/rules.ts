/** How a rule is held: broken, it says which one and what was seen. */
export class Violation extends Error {}

export function must(holds: boolean, rule: string, facts?: () => unknown): asserts holds {
  if (!holds) throw new Violation(facts === undefined ? rule : `${rule}: ${JSON.stringify(facts())}`);
}

export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => same((a as never)[key], (b as never)[key]));
}
