import { expect } from 'chai';
import { Tab, type TabSocket } from '../../../server/sockets/tab.ts';

describe('a tab as the node holds it', () => {
  function open() {
    const sent: string[] = [];
    const socket = {
      id: 't-1',
      data: {
        token: { login: { account: 'acme', agent: 'ada', sid: 's-1' } },
        connection: { holdLast: () => undefined },
      },
      emit: (event: string) => sent.push(event),
      disconnect: () => sent.push('(disconnected)'),
    };
    return { sent, tab: new Tab(socket as unknown as TabSocket) };
  }
  const session = {
    rev: 1,
    state: 'active',
    lastActivityAt: 1,
    deadlineAt: 1,
    endsAt: 1,
    warnAt: 1,
    timeoutMs: 1,
    leadMs: 1,
    available: null,
    serverTime: 1,
  } as const;
  const sayEverything = (tab: Tab) => {
    tab.session(session);
    tab.warning({ rev: 2, deadlineAt: 1, endsAt: 1, serverTime: 1 });
    tab.reconnect(0);
    tab.expired();
    tab.ended({ rev: 3, reason: 'admin', endedAt: 1 });
  };

  it('is sent nothing after its last word, whatever that was', () => {
    const lastWords: [string, (tab: Tab) => void][] = [
      ['ended', (tab) => tab.ended({ rev: 1, reason: 'logout', endedAt: 1 })],
      ['expired', (tab) => tab.expired()],
    ];
    for (const [event, say] of lastWords) {
      const { tab, sent } = open();
      say(tab);
      sayEverything(tab);
      expect(sent).to.deep.equal([event, '(disconnected)']);
    }
  });

  it('is sent nothing once it has left, or was taken off', () => {
    const { tab, sent } = open();
    tab.gone();
    sayEverything(tab);
    expect(sent).to.deep.equal([]);
    const other = open();
    other.tab.disconnect();
    sayEverything(other.tab);
    expect(other.sent).to.deep.equal(['(disconnected)']);
  });
});
