import btree from 'sorted-btree';

/**
 * The package is CommonJS: its class is the default of its default. Loaders that turn our modules into CommonJS (tsx
 * under mocha) have looked through the first one already.
 */
export const SortedTree = (btree.default ?? btree) as typeof btree.default;
