import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const docs = readFileSync('docs/sdk.md', 'utf8');
const hostDocs = readFileSync('docs/host.md', 'utf8');
const host = readFileSync('host/host.ts', 'utf8');
const hostGate = readFileSync('host/gate.ts', 'utf8');
const hostTokens = readFileSync('host/tokens.ts', 'utf8');
const api = readFileSync('client/sdk/api.ts', 'utf8');
const texts = readFileSync('client/sdk/panel/texts.ts', 'utf8');
const styles = readFileSync('client/sdk/panel/styles.ts', 'utf8');
const panel = readFileSync('client/sdk/panel/panel.ts', 'utf8');

/** Names of an interface's members, from its source. */
function membersOf(source: string, name: string): string[] {
  const body = new RegExp(`export interface ${name}[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source)![1]!;
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[(<:]/gm)].map((match) => match[1]!);
}

describe('The documentation', () => {
  for (const [name, source] of [
    ['ConnectOptions', api],
    ['Vigil', api],
    ['VigilEvents', api],
    ['Texts', texts],
  ] as const) {
    it(`of the SDK names every member of ${name}`, () => {
      const members = membersOf(source, name);
      expect(members.length).to.be.above(5);
      for (const member of members) expect(docs, member).to.match(new RegExp(`\`${member}\\b`));
    });
  }

  it('of the host kit names every option and function', () => {
    for (const [name, source] of [
      ['VigilHost', host],
      ['VigilHostOptions', host],
      ['RequireLiveOptions', hostGate],
      ['TokenOptions', hostTokens],
    ] as const) {
      const members = membersOf(source, name);
      expect(members.length, name).to.be.above(1);
      for (const member of members) expect(hostDocs, member).to.match(new RegExp(`\`${member}\\b`));
    }
  });

  it('of the SDK names every colour and every part, and none that is not there', () => {
    const documented = (pattern: RegExp) => [...new Set(docs.match(pattern))].sort();
    expect(documented(/--vigil-[a-z-]+/g)).to.deep.equal(
      [...new Set(styles.match(/--vigil-[a-z-]+/g))].sort(),
    );
    for (const [, part] of panel.matchAll(/part: '(\w+)'/g)) expect(docs, part).to.include(`\`${part}\``);
  });
});
