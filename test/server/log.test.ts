import { expect } from 'chai';
import { createLog } from '../../server/log.ts';
import { agentClaims, sign } from '../support/tokens.ts';

describe('the log', () => {
  const token = sign(agentClaims(Date.UTC(2026, 0, 5)));

  function linesOf(write: (log: ReturnType<typeof createLog>) => void): string {
    const lines: string[] = [];
    write(createLog('info', { write: (line) => void lines.push(line) }));
    return lines.join('');
  }

  it('is a line of JSON for each entry, of its level and above', () => {
    const text = linesOf((log) => {
      log.debug({}, 'hidden');
      log.info({ port: 3000 }, 'listening');
    });
    expect(JSON.parse(text)).to.include({ level: 30, port: 3000, msg: 'listening' });
  });

  it('never holds a token, wherever it stood', () => {
    const text = linesOf((log) => {
      log.info(
        { token, headers: { authorization: `Bearer ${token}`, cookie: `vigil=${token}` } },
        `for ${token}`,
      );
      log.error({ err: new Error(`GET /v1/session?token=${token}`) }, 'failed');
      log.warn({ deep: { deeper: { deepest: [token] } } }, 'deep');
    });
    expect(text).to.not.include(token.split('.')[1]).and.to.not.include(token.split('.')[2]);
    expect(text).to.include('[redacted]');
    for (const line of text.trim().split('\n')) expect(() => JSON.parse(line), line).to.not.throw();
  });
});
