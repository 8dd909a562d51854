import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fileLimit } from '../../server/file-limit.ts';
import { PROJECT } from '../support/node-process.ts';

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

describe('the limits', () => {
  it('are all in docs/limits.md, each with what counts it, and no other', () => {
    const counted = [...read('server/dropped.ts').matchAll(/\| '(\w+)'/g)].map(([, what]) => what!);
    const documented = [...read('docs/limits.md').matchAll(/\| `(\w+)` \|$/gm)]
      .map(([, what]) => what!)
      .filter((what) => what !== 'what' && !what.startsWith('vigil_'));
    expect(counted).to.include('address').and.to.have.length.greaterThan(10);
    expect([...new Set(documented)].sort()).to.deep.equal(counted.sort());
  });

  it('of connections follow from the files that the process may open', () => {
    const limits = (soft: string) => () =>
      `Limit\nMax open files            ${soft}                 1048576  files\n`;
    expect(fileLimit(limits('20000'))).to.equal(18_000);
    expect(fileLimit(limits('1048576')), 'no more than one process can serve').to.equal(50_000);
    expect(fileLimit(limits('unlimited'))).to.equal(10_000);
    expect(
      fileLimit(() => {
        throw new Error('no such system');
      }),
    ).to.equal(10_000);
  });
});
