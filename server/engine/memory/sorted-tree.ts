import btree from 'sorted-btree';

/** The package is CommonJS: its class is the default of its default. */
export const SortedTree = btree.default;
