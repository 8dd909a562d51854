import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { AuditPage } from './audit/audit-page.tsx';
import { type Board, BoardContext, useBoard } from './board.ts';
import { clockTime } from './core/moments.ts';
import { hrefOf, type PageName } from './core/place.ts';
import type { DeskView } from './presence/desk-view.ts';
import { PresencePage } from './presence/presence-page.tsx';
import { SecurityPage } from './security/security-page.tsx';
import { texts } from './texts.ts';
import { Icon, Mark } from './ui/icons.tsx';
import { Placard } from './ui/states.tsx';

/** `waiting`, `silent`: the host has not handed a token over (yet). `alone`: nobody opened this page. `refused`: by the server. */
export type Stage = 'waiting' | 'silent' | 'alone' | 'open' | 'refused' | 'ended';

export function App({ board, desk, stage }: { board: Board; desk: DeskView; stage: ReadonlySignal<Stage> }) {
  return (
    <BoardContext.Provider value={board}>
      <Gate stage={stage.value} desk={desk} />
      <Messages />
    </BoardContext.Provider>
  );
}

function Gate({ stage, desk }: { stage: Stage; desk: DeskView }) {
  const { claims } = useBoard();
  const words = texts.gate;
  if (stage === 'alone') return <Alone title={words.aloneTitle} text={words.aloneText} />;
  if (stage === 'ended') return <Alone title={words.endedTitle} text={words.endedText} />;
  if (stage === 'refused') return <Alone title={words.forbiddenTitle} text={words.forbiddenText} />;
  if (stage !== 'open' || claims.value === null)
    return (
      <Alone
        title={words.waitingTitle}
        text={stage === 'silent' ? words.silentText : words.waitingText}
        busy
      />
    );
  if (!claims.value.sees) return <Alone title={words.forbiddenTitle} text={words.forbiddenText} />;
  return <Shell desk={desk} />;
}

function Alone({ title, text, busy = false }: { title: string; text: string; busy?: boolean }) {
  return (
    <main class="alone" aria-busy={busy}>
      <div role="status">
        <Placard icon="lock" title={title} text={text} level={1} />
      </div>
      {busy && <span class="waiting" aria-hidden="true" />}
    </main>
  );
}

const ICONS: Record<PageName, string> = { presence: 'people', security: 'lock', audit: 'list' };

function Shell({ desk }: { desk: DeskView }) {
  const { claims, navigation, embedded, navigates } = useBoard();
  const { manages, account, name, agent } = claims.value!;
  const pages: PageName[] = manages ? ['presence', 'security', 'audit'] : ['presence'];
  const page = navigation.place.value.page ?? 'presence';
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {texts.nav.skip}
      </button>
      <header class="top">
        {!embedded && (
          <div class="brand">
            <Mark />
            <span>{texts.product}</span>
          </div>
        )}
        {navigates && pages.length > 1 && (
          <nav aria-label={texts.nav.label}>
            {pages.map((one) => (
              <a key={one} href={hrefOf(one)} aria-current={one === page ? 'page' : undefined}>
                <Icon name={ICONS[one]} />
                <span>{texts.nav[one]}</span>
              </a>
            ))}
          </nav>
        )}
        <LinkState />
        {!embedded && (
          <span class="person" title={texts.nav.account(account)}>
            {name ?? agent}
          </span>
        )}
      </header>
      <LostBanner />
      <Main page={page}>
        {page === 'presence' && <PresencePage desk={desk} />}
        {page !== 'presence' && !manages && (
          <Placard icon="lock" title={texts.gate.forbiddenTitle} text={texts.gate.forbiddenHere} level={1} />
        )}
        {page === 'security' && manages && <SecurityPage />}
        {page === 'audit' && manages && <AuditPage />}
      </Main>
    </>
  );
}

/** Another page begins at its top, and says its name. */
function Main({ page, children }: { page: PageName; children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${texts.nav[page]} · ${texts.product}`;
    if (!first.current) {
      window.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [page]);
  return (
    <main id="main" tabIndex={-1} ref={main} class={`page-${page}`}>
      {children}
    </main>
  );
}

function LinkState() {
  const { roster } = useBoard();
  const status = roster.status.value;
  const { live, connecting, lost } = texts.link;
  const name = { live, loading: connecting, unreachable: connecting, stale: lost }[status];
  return (
    <span
      class={`link-state ${status}`}
      role="status"
      title={status === 'live' ? texts.link.liveHint : undefined}
    >
      {name}
    </span>
  );
}

function LostBanner() {
  const { roster, now } = useBoard();
  if (roster.status.value !== 'stale') return null;
  return (
    <p class="banner" role="alert">
      <Icon name="cloud" />
      {texts.link.lostBanner(clockTime(roster.heardAt.value, now.value))}
    </p>
  );
}

function Messages() {
  const { notices } = useBoard();
  return (
    <div class="notices" role="log" aria-live="polite">
      {notices.shown.value.map(({ id, tone, text }) => (
        <p key={id} class={tone}>
          <span>{text}</span>
          <button
            type="button"
            class="plain"
            aria-label={texts.action.close}
            onClick={() => notices.dismiss(id)}
          >
            <Icon name="close" />
          </button>
        </p>
      ))}
    </div>
  );
}
