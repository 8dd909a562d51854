import { join } from 'node:path';
import { expect } from 'chai';
import { PROJECT } from '../support/node-process.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { countIn } from './mutants/plant.ts';

describe('the planted faults', () => {
  for (const { name, wrong, patches } of MUTANTS) {
    it(`fit the server as it is built: ${name} (${wrong})`, () => {
      const found = patches.map((patch) => [patch.file, countIn(join(PROJECT, 'dist'), patch)]);
      expect(found).to.deep.equal(patches.map(({ file }) => [file, 1]));
    });
  }
});
