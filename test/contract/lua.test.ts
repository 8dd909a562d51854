import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { includesOf, loadScripts } from '../../server/engine/redis/scripts.ts';

const FOLDER = new URL('../../server/engine/redis/scripts/', import.meta.url);
const MAX_LINES = 60;

/** The lines of a header that say one thing, joined. */
function said(text: string, what: string): string | undefined {
  const found = new RegExp(`^-- ${what}: (.*(?:\\n--   +.*)*)`, 'm').exec(text)?.[1];
  return found?.replace(/\n--\s+/g, ' ');
}

function luaFiles(folder: URL): { name: string; text: string }[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.lua'));
  return files.map((file) => ({ name: file, text: readFileSync(new URL(file, folder), 'utf8') }));
}

/** Every `ARGV[n]` of a script by its number. */
function placesUsed(text: string): number[] {
  return [...text.matchAll(/ARGV\[(\d+)\]/g)].map(([, place]) => Number(place));
}

describe('the scripts of the Redis engine', () => {
  const scripts = luaFiles(FOLDER);
  const fragments = luaFiles(new URL('include/', FOLDER));
  const typescript = readdirSync(new URL('../', FOLDER))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(`../${file}`, FOLDER), 'utf8'))
    .join('\n');

  it('are there, and are all called', () => {
    expect(scripts.length).to.be.greaterThan(15);
    const called = scripts.filter(({ name }) => !typescript.includes(`'${name.replace('.lua', '')}'`));
    expect(called.map(({ name }) => name)).to.deep.equal([]);
  });

  for (const { name, text } of scripts) {
    describe(name, () => {
      it('is named by a verb and a noun', () => {
        expect(name).to.match(/^[a-z]+-[a-z]+\.lua$/);
      });

      it('opens with what it is for, its keys, its arguments, what it returns and what a race does', () => {
        expect(text).to.match(/^-- [A-Z]/);
        for (const part of ['KEYS', 'ARGV', 'Returns', 'Races'])
          expect(said(text, part), part).to.be.a('string');
      });

      it('takes as many keys as it says, which is what the engine passes', () => {
        const promised = [...said(text, 'KEYS')!.matchAll(/(?:^|[,;] )(\d+) /g)].map(([, key]) =>
          Number(key),
        );
        expect(promised).to.deep.equal([1]);
        const source = loadScripts().get(name.replace('.lua', ''))!.source;
        const used = new Set([...source.matchAll(/KEYS\[(\d+)\]/g)].map(([, key]) => Number(key)));
        expect([...used]).to.deep.equal(promised);
      });

      it('binds its key at once, before it does anything', () => {
        const source = loadScripts().get(name.replace('.lua', ''))!.source;
        const bound = source.indexOf('local clock = KEYS[1]');
        expect(bound).to.be.greaterThan(-1);
        expect(source.slice(0, bound)).not.to.match(/^(?!\s*--).*redis\.p?call/m);
        expect(source.match(/KEYS\[/g)).to.have.length(1);
      });

      it('says what each argument is that it takes', () => {
        const header = said(text, 'ARGV')!;
        for (const place of placesUsed(text).filter(
          (used) => used > 5 || !header.includes('include/time.lua'),
        ))
          expect(header, `ARGV[${place}]`).to.match(new RegExp(`\\b${place}\\b|\\bthen\\b`));
      });

      it(`is at most ${MAX_LINES} lines long, and includes only what there is`, () => {
        expect(text.trimEnd().split('\n').length).to.be.at.most(MAX_LINES);
        const known = fragments.map((fragment) => fragment.name.replace('.lua', ''));
        expect(includesOf(text).filter((fragment) => !known.includes(fragment))).to.deep.equal([]);
      });
    });
  }

  for (const { name, text } of fragments) {
    it(`include ${name}, which says what it is for and is used`, () => {
      expect(text).to.match(/^-- [A-Z]/);
      const users = scripts.filter((script) => includesOf(script.text).includes(name.replace('.lua', '')));
      expect(users).to.have.length.greaterThan(0);
    });
  }

  it('refuse in more than one word: Redis puts ERR before a single one', () => {
    const refusals = [...scripts, ...fragments].flatMap(({ text }) => [
      ...text.matchAll(/error_reply\('([^']*)'/g),
    ]);
    expect(refusals.length).to.be.greaterThan(1);
    for (const [, words] of refusals) expect(words).to.match(/^[A-Z]+ /);
  });

  it('compare texts byte by byte, never by the locale of the server', () => {
    // Lua's `<` on texts is strcoll. Who sorts texts says how.
    const sorting = [...scripts, ...fragments].filter(({ text }) => /\bSORT\b|'ALPHA'/.test(text));
    expect(sorting.map(({ name }) => name)).to.deep.equal([]);
  });
});
