import { encodeId } from '../ids.ts';

/** Where things stand in Redis. Everything of an account is in one partition, and a partition in one slot. */
export class Partitions {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  all(): number[] {
    return Array.from({ length: this.count }, (_, partition) => partition);
  }

  of(account: string): number {
    return fnv1a(account) % this.count;
  }

  /** The key that every script of the partition is given; the others follow from it. */
  clock(partition: number): string {
    return `${base(partition)}clock`;
  }

  outbox(partition: number): string {
    return `${base(partition)}outbox`;
  }

  nodes(partition: number): string {
    return `${base(partition)}nodes`;
  }

  /** Agents who have a tab on the node. */
  tabsOf(partition: number, nodeId: string): string {
    return `${base(partition)}tabs:${nodeId}`;
  }

  shelf(account: string, shelf: string): string {
    return `${base(this.of(account))}${encodeId(account)}:${shelf}`;
  }

  /** Items by partition, in their order. */
  group<T extends { account: string }>(items: readonly T[]): Map<number, T[]> {
    return groupBy(items, ({ account }) => this.of(account));
  }
}

/** Cheap, since every report asks; and for ever the same, since data are found by it. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function base(partition: number): string {
  return `vigil:{${partition}}:`;
}

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += size) chunks.push(items.slice(from, from + size));
  return chunks;
}
