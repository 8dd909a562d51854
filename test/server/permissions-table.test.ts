import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PROJECT } from '../support/node-process.ts';

const text = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const part = text('docs/security.md').split('## Who may see and do what')[1]!.split('\n## ')[0]!;
const rows = part.split('\n').filter((line) => /^\| [^-]/.test(line) && !line.startsWith('| | '));
const notes = new Map(
  [...part.matchAll(/^- \[(\w)\] `([^`]+)`: (.*)$/gm)].map(([, mark, path, title]) => [
    mark,
    { path, title },
  ]),
);

describe('the table of who may see and do what', () => {
  it('names a test for each cell that says something', () => {
    expect(rows.length).to.be.greaterThan(15);
    for (const row of rows) {
      const cells = row.split('|').slice(2, -1);
      expect(cells, row).to.have.length(4);
      for (const cell of cells.filter((one) => one.trim() !== '–')) {
        const mark = /\[(\w)\] $/.exec(cell)?.[1];
        expect(notes.has(mark), `${row}: ${cell}`).to.equal(true);
      }
    }
  });

  it('names tests that are there', () => {
    for (const [mark, { path, title }] of notes) {
      expect(existsSync(join(PROJECT, path!)), `[${mark}] ${path}`).to.equal(true);
      expect(text(path!), `[${mark}]`).to.include(`'${title}'`);
    }
  });
});
