import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeFolder } from '../../../server/engine/make-folder.ts';
import { temporaryFolder } from '../../support/places.ts';

describe('a folder that is made', () => {
  it('is there afterwards with those above it, for its owner alone, and is left alone the next time', () => {
    const path = join(temporaryFolder('data'), 'deep', 'deeper');
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).mode & 0o777).to.equal(0o700);
    expect(statSync(join(path, '..')).mode & 0o777).to.equal(0o700);
  });

  it('is refused where the system will not have it, and not tried for ever', () => {
    expect(() => makeFolder('/proc/nope/engine')).to.throw('ENOENT');
    const file = join(temporaryFolder('data'), 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).to.throw('EEXIST');
    expect(() => makeFolder(join(file, 'engine'))).to.throw('ENOTDIR');
  });
});
