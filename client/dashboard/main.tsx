import { computed, effect, signal } from '@preact/signals';
import { render } from 'preact';
import { createServerClock, pageClock } from '../sdk/clock.ts';
import { connect } from '../sdk/index.ts';
import { App, type Stage } from './app.tsx';
import type { Board } from './board.ts';
import { createApi } from './core/api.ts';
import { createFeed } from './core/feed.ts';
import { allowedOrigins, createHandover, type Handover } from './core/handover.ts';
import { createNavigation, vigilAddress } from './core/place.ts';
import { createTicking } from './core/ticking.ts';
import { createTokenSource } from './core/token-source.ts';
import { createDeskView } from './presence/desk-view.ts';
import { createRoster } from './presence/roster.ts';
import { texts } from './texts.ts';
import { createNotices } from './ui/notices.ts';

/** A host that has not answered by then has said nothing. */
const SILENT_AFTER_MS = 8_000;
/** One try may fail by chance. */
const FAILING_TRIES = 3;

start(document.getElementById('app')!);

/** Puts the page together; the only place that names what there is one of. */
function start(target: HTMLElement): void {
  document.documentElement.lang = texts.lang;
  const asked = new URLSearchParams(location.search);
  applyTheme(asked.get('theme'));
  const base = vigilAddress(document.baseURI);
  const clock = createServerClock(pageClock);
  const stage = signal<Stage>('waiting');
  const timing = signal<Board['timing']['value']>(null);
  let hostWarns = false;

  const handover = createHandover({
    window,
    clock: pageClock,
    origins: allowedOrigins(document, location.origin),
    onAnswer(answer) {
      hostWarns = answer.hostWarns === true;
    },
  });
  const tokens = createTokenSource(handover ?? nobody, clock.now);
  const roster = createRoster(beforePaint);
  const navigation = createNavigation(window);
  const board: Board = {
    api: createApi(base, tokens, (input, init) => fetch(input, init)),
    roster,
    notices: createNotices((ms, run) => void setTimeout(run, ms)),
    navigation,
    claims: tokens.claims,
    now: createTicking(clock.now, window),
    timing,
    embedded: window.parent !== window,
    navigates: asked.get('nav') !== 'none',
    nameOf: (agent) => roster.agents.get(agent)?.name ?? agent,
  };
  const feed = createFeed({
    base,
    tokens,
    clock: pageClock,
    random: Math.random,
    handlers: {
      up: () => roster.link(true),
      down: () => roster.link(false),
      failing: (tries) => tries >= FAILING_TRIES && roster.failing(),
      snapshot(message) {
        clock.hear(message.serverTime);
        roster.snapshot(message);
      },
      changes(message) {
        clock.hear(message.serverTime);
        roster.changes(message);
      },
      over(code) {
        if (code === 'session_ended') end();
        else stage.value = 'refused';
      },
    },
  });

  function end(): void {
    feed.close();
    roster.clear();
    stage.value = 'ended';
  }

  /** The page is a tab like any other: whoever works here stays signed in, and whoever does not is signed out. */
  function watch(): void {
    const vigil = connect({
      url: base.href,
      getToken: tokens.next,
      warning: !hostWarns,
      onEnded() {
        end();
        // What is left of the page says so itself.
        return true;
      },
    });
    vigil.on('session', ({ timeoutMs, leadMs }) => {
      timing.value = { timeoutMs, leadMs };
    });
    vigil.on('state', (state) => {
      if (state === 'active') feed.nudge();
    });
  }

  async function open(): Promise<void> {
    const silent = setTimeout(() => {
      if (stage.value === 'waiting') stage.value = 'silent';
    }, SILENT_AFTER_MS);
    const token = await tokens.get();
    clearTimeout(silent);
    if (token === null) return end();
    stage.value = tokens.claims.value === null ? 'refused' : 'open';
    if (stage.value === 'refused') return;
    watch();
    const sees = computed(() => tokens.claims.value?.sees ?? false);
    // A newer token may bring a permission or take it; then the stream begins or ends.
    effect(() => {
      if (sees.value) feed.open();
      else {
        feed.close();
        roster.clear();
      }
    });
  }

  addEventListener('online', feed.nudge);
  document.addEventListener('visibilitychange', feed.nudge);
  render(<App board={board} desk={createDeskView(roster, navigation)} stage={stage} />, target);
  if (handover === null) stage.value = 'alone';
  else void open();
}

const nobody: Handover = { ask: () => new Promise(() => {}) };

/** Before the next picture; a page that is not drawn gets none, and must not fall behind. */
function beforePaint(run: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(run);
  else setTimeout(run, 0);
}

/** A host whose pages are always light or dark may say so, so that this one goes with them. */
function applyTheme(theme: string | null): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}
