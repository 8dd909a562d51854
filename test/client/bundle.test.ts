import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { version } from '../../client/sdk/version.ts';
import { bundledSdk } from '../support/sdk-page.ts';

const LIMIT_BYTES = 20_000;

describe('The SDK as it is served', () => {
  let folder: string;
  before(async () => {
    folder = await bundledSdk();
  });

  for (const file of ['vigil.js', 'vigil.mjs']) {
    it(`asks a page for at most 20 kB: ${file}`, () => {
      const bytes = gzipSync(readFileSync(join(folder, file))).length;
      expect(bytes).to.be.at.most(LIMIT_BYTES);
    });
  }

  it('contains no code made from strings and no inline style, so that a strict policy lets it run', () => {
    const code = readFileSync(join(folder, 'vigil.js'), 'utf8');
    expect(code).not.to.match(
      /\beval\(|new Function\(|\.innerHTML|insertAdjacentHTML|\.cssText|setAttribute\("style"/,
    );
  });

  it('bears the version of the package', () => {
    expect(version).to.equal(
      (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
    );
    expect(readFileSync(join(folder, 'vigil.js'), 'utf8')).to.match(
      new RegExp(`["'\`]${version.replaceAll('.', '\\.')}["'\`]`),
    );
  });

  it('exports what the documentation says', () => {
    const exported = /export\{([^}]*)\}/.exec(readFileSync(join(folder, 'vigil.mjs'), 'utf8'))![1]!;
    const names = exported.split(',').map((part) => part.split(' as ').at(-1)!.trim());
    expect(names.sort()).to.deep.equal(['VigilError', 'bridge', 'connect', 'version']);
  });
});
