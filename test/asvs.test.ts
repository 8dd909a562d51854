import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROJECT } from './support/node-process.ts';

/** Levels 1 and 2 of these chapters of ASVS 5.0.0: how many requirements each section has, those of level 3 left out. */
const SECTIONS: Record<string, number[]> = {
  '4.4': [1, 2, 3, 4],
  '7.1': [1, 2, 3],
  '7.2': [1, 2, 3, 4],
  '7.3': [1, 2],
  '7.4': [1, 2, 3, 4, 5],
  '7.5': [1, 2],
  '7.6': [1, 2],
  '8.1': [1, 2],
  '8.2': [1, 2, 3],
  '8.3': [1, 2],
  '8.4': [1],
  '9.1': [1, 2, 3],
  '9.2': [1, 2, 3, 4],
  '16.1': [1],
  '16.2': [1, 2, 3, 4, 5],
  '16.3': [1, 2, 3, 4],
  '16.4': [1, 2, 3],
  '16.5': [1, 2, 3, 4],
};

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

describe('the security documents', () => {
  it('have every requirement of the chapters, once, with a verdict', () => {
    const rows = read('docs/asvs.md')
      .split('\n')
      .flatMap((line) => /^\| (\d+\.\d+\.\d+)(?: \(3\))? \| [^|]+ \| ([\w/]+) \| .+ \|$/.exec(line) ?? [])
      .filter((_, index) => index % 3 !== 0);
    const numbers = rows.filter((_, index) => index % 2 === 0);
    const verdicts = rows.filter((_, index) => index % 2 === 1);
    const wanted = Object.entries(SECTIONS).flatMap(([section, own]) => own.map((n) => `${section}.${n}`));
    expect(numbers).to.deep.equal(wanted);
    for (const verdict of verdicts) expect(verdict).to.be.oneOf(['met', 'host', 'operator', 'partly', 'n/a']);
  });

  for (const document of [
    'docs/asvs.md',
    'docs/threat-model.md',
    'docs/security.md',
    'docs/limits.md',
    'SECURITY.md',
  ]) {
    it(`name tests and pages that exist: ${document}`, () => {
      const text = read(document);
      for (const [, path] of text.matchAll(/`((?:test|docs|server|deploy)\/[\w./-]+)`/g))
        expect(existsSync(join(PROJECT, path!)), path).to.equal(true);
      for (const [, path] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
        expect(existsSync(join(PROJECT, document.startsWith('docs/') ? 'docs' : '', path!)), path).to.equal(
          true,
        );
      let titled = 0;
      // A path, then the titles that are in it, until the next path.
      for (const [, path, titles] of text.matchAll(/`(test\/[\w./-]+\.ts)`((?: ?,? ?“[^”]+”)+)/g))
        for (const [, title] of titles!.matchAll(/“([^”]+)”/g)) {
          expect(read(path!).includes(title!), `“${title}” in ${path}`).to.equal(true);
          titled += 1;
        }
      if (document === 'docs/asvs.md') expect(titled, 'titles').to.be.greaterThan(50);
    });
  }
});
