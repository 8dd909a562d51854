import type { SessionMessage, SessionView, WarningMessage } from '../../shared/protocol.ts';
import { createReporter } from './activity/reporter.ts';
import { watchActivity } from './activity/watcher.ts';
import type { Vigil, VigilEvents, VigilState } from './api.ts';
import { createServerClock, elapsedSince, markNow, type PageClock } from './clock.ts';
import { createEmitter } from './emitter.ts';
import { askNothing, leavePage, loginAddress } from './leaving.ts';
import { createLink } from './link/link.ts';
import { signOut } from './link/logout.ts';
import { createTokens, LOGIN_CHANGED } from './link/tokens.ts';
import type { Settings } from './options.ts';
import { createFocusTracker, watchPage } from './page.ts';
import { untilNextSecond } from './panel/countdown.ts';
import { createScreen } from './panel/screen.ts';
import { createSaving } from './saving.ts';
import { dueAt, judge } from './session/due.ts';
import { createLedger } from './session/ledger.ts';

/** Reports are at most this far apart while somebody is active. */
const REPORT_INTERVAL_MS = 15_000;
const WARNED_INTERVAL_MS = 1_000;
/** While warned, a report that no `session` answers by then went into a dead link. */
const ANSWER_PATIENCE_MS = 3_000;
/** After connecting the server says how things stand. */
const SNAPSHOT_PATIENCE_MS = 5_000;
/** A lost link is no news before the first try to mend it has had its chance. */
const OFFLINE_AFTER_MS = 2_000;
const BEAT_MS = 1_000;
/** A hidden page is not read, and is looked at when it is shown. */
const HIDDEN_BEAT_MS = 15_000;
/** A beat that is so late means that the machine slept or the page was frozen. */
const LATE_MS = 2_000;
/** The host is asked to save again so long before the end. */
const LAST_SAVE_MS = 10_000;

/** Puts one page's watching, reporting, warning and leaving together. */
export function createClient(settings: Settings, clock: PageClock): Vigil {
  const events = createEmitter<VigilEvents>();
  const server = createServerClock(clock);
  const ledger = createLedger();
  const saving = createSaving(clock, settings.onBeforeEnd);
  const tokens = createTokens(settings.getToken, clock, server.now);
  const focus = createFocusTracker(clock);
  const working = new AbortController();
  const guarding = new AbortController();

  let state: VigilState = 'connecting';
  let heardAt = 0;
  let reportedAt: number | null = null;
  let offline: string | null = null;
  let lostBy = '';
  /** Back from the back-forward cache: hidden until the server has spoken, whatever the deadline. */
  let unsure = false;
  let over = false;
  let beatAt = markNow(clock);
  let beatMs = BEAT_MS;
  let cancelBeat = () => {};
  let cancelOffline: (() => void) | null = null;
  let cancelExpected: (() => void) | null = null;

  const isWarned = () => ledger.told?.state === 'warning';
  const isPastDue = () => ledger.told !== null && server.now() >= dueAt({ told: ledger.told, reportedAt });

  const link = createLink({
    clock,
    url: settings.address,
    polling: settings.polling ?? false,
    tokens,
    random: Math.random,
    isUrgent: () => isWarned() || state === 'covered',
    handlers: {
      up: onUp,
      down: onDown,
      session: onSession,
      warning: onWarning,
      ended: onEnded,
      over: onOver,
    },
  });

  const reporter = createReporter({
    clock,
    intervalMs() {
      const { told } = ledger;
      if (told === null) return 0;
      return isWarned()
        ? WARNED_INTERVAL_MS
        : Math.min(REPORT_INTERVAL_MS, (told.timeoutMs - told.leadMs) / 4);
    },
    send(idleMs) {
      if (!link.send('activity', { idleMs })) return false;
      // Once the deadline has passed, only the server can say that input still counts.
      if (!isPastDue()) reportedAt = Math.max(reportedAt ?? 0, server.now() - idleMs);
      if (isWarned()) expectSession(ANSWER_PATIENCE_MS);
      return true;
    },
  });

  const lookForFrames = watchActivity({
    clock,
    frameOrigins: settings.origins,
    onInput() {
      // The first sign of life after a sleep may be this very input.
      if (elapsedSince(clock, beatAt) > beatMs + LATE_MS) beat();
      reporter.input();
      screen.staying(true);
    },
    onEdit: saving.edit,
    signal: working.signal,
  });

  // After the watcher: what dismisses the warning is seen by it, and by nobody else.
  const screen = createScreen({ ...settings, onRetry: () => link.nudge(), signal: guarding.signal });

  watchPage(
    {
      focus() {
        if (focus.changed()) tellFocus();
      },
      flush: reporter.flush,
      wake() {
        beat();
        link.nudge();
        // A link that died in its sleep shows it when something is sent.
        tellFocus();
      },
      shelve() {
        unsure = true;
        link.close();
        beat();
      },
      unshelve() {
        link.open();
        beat();
      },
    },
    working.signal,
  );

  function tellFocus(): void {
    link.send('focus', focus.report());
  }

  function onUp(): void {
    // Its first word is on its way; until then nothing more is due.
    heardAt = server.now();
    ledger.expectSnapshot();
    expectSession(SNAPSHOT_PATIENCE_MS);
    focus.changed();
    // In this order: of a tab that is not known to be visible, input counts for nothing.
    tellFocus();
    reporter.repeat();
    beat();
  }

  function onDown(code: string): void {
    unexpect();
    lostBy = code;
    if (offline === null && ledger.told !== null && code !== LOGIN_CHANGED) {
      cancelOffline ??= clock.after(OFFLINE_AFTER_MS, goOffline);
    } else {
      goOffline();
    }
    beat();
  }

  function goOffline(): void {
    if (over || lostBy === offline) return;
    offline = lostBy;
    beat();
    events.emit('offline', { code: offline });
  }

  /** The server owes us its word; a link that does not bring it is dead, whatever it looks like. */
  function expectSession(patienceMs: number): void {
    cancelExpected ??= clock.after(patienceMs, () => {
      unexpect();
      link.renew();
    });
  }

  function unexpect(): void {
    cancelExpected?.();
    cancelExpected = null;
  }

  function onSession(message: SessionMessage): void {
    const before = ledger.told;
    if (!ledger.session(message)) return;
    unexpect();
    cancelOffline?.();
    cancelOffline = null;
    offline = null;
    unsure = false;
    screen.staying(false);
    hear(message.serverTime, before);
    events.emit('session', ledger.told!);
    if (before?.state === 'warning' && !isWarned()) events.emit('resumed', ledger.told!);
  }

  function onWarning(message: WarningMessage): void {
    const before = ledger.told;
    if (ledger.warning(message)) hear(message.serverTime, before);
  }

  function hear(serverTime: number, before: SessionView | null): void {
    server.hear(serverTime);
    heardAt = server.now();
    if (reportedAt !== null) reportedAt = Math.min(reportedAt, heardAt);
    beat();
    const { endsAt } = ledger.told!;
    if (!isWarned() || (before?.state === 'warning' && before.endsAt === endsAt)) return;
    events.emit('warning', { endsAt, remainingMs: Math.max(0, endsAt - heardAt) });
    if (before?.state === 'warning') return;
    saving.ask({ reason: 'timeout', endsAt });
    // Input that was waiting for its turn answers the warning.
    reporter.flush();
  }

  /** Looks at the clock and the facts, and shows what follows from them. Harmless at any time. */
  function beat(): void {
    if (over) return;
    cancelBeat();
    const late = elapsedSince(clock, beatAt) > beatMs + LATE_MS;
    beatAt = markNow(clock);
    const now = server.now();
    const { told } = ledger;
    const { hide, ask } = told
      ? judge({ told, heardAt, reportedAt, up: link.up }, now)
      : { hide: false, ask: false };
    show(hide || unsure || offline === LOGIN_CHANGED, now);
    lookForFrames();
    beatMs = nextBeatIn(now);
    cancelBeat = clock.after(beatMs, beat);
    if (ask) link.renew();
    if (late && document.visibilityState === 'visible') link.nudge();
  }

  function nextBeatIn(now: number): number {
    if (isWarned()) return untilNextSecond(ledger.told!.endsAt, now);
    return document.visibilityState === 'visible' ? BEAT_MS : HIDDEN_BEAT_MS;
  }

  function show(covered: boolean, now: number): void {
    const { told } = ledger;
    const calm = told === null ? 'connecting' : 'active';
    if (covered) screen.cover(offline === LOGIN_CHANGED);
    else if (told === null || !isWarned()) screen.clear();
    else warn(told, now);
    setState(covered ? 'covered' : isWarned() ? 'warning' : offline !== null ? 'offline' : calm);
  }

  function warn({ endsAt, leadMs }: SessionView, now: number): void {
    screen.warn({ endsAt, leadMs, now, up: link.up });
    if (saving.edited && now >= endsAt - Math.min(LAST_SAVE_MS, leadMs / 4))
      saving.ask({ reason: 'timeout', endsAt });
  }

  function setState(next: VigilState): void {
    const before = state;
    state = next;
    if (before !== next) events.emit('state', next, before);
  }

  function onEnded({ rev, reason, endedAt }: { rev: number; reason: string; endedAt: number }): void {
    if (ledger.isCurrent(rev)) finish(reason, endedAt);
  }

  function onOver(reason: string | null): void {
    finish(reason ?? (isPastDue() ? 'timeout' : 'logout'), server.now());
  }

  function stopWorking(): void {
    over = true;
    link.close();
    reporter.stop();
    unexpect();
    cancelBeat();
    cancelOffline?.();
    working.abort();
  }

  async function finish(reason: string, endedAt: number): Promise<void> {
    if (over) return;
    stopWorking();
    const loginUrl =
      settings.login === null ? null : loginAddress(settings.login, new URL(location.href), reason);
    const ended = { reason, endedAt, loginUrl };
    screen.end(reason);
    setState('ended');
    events.emit('ended', ended);
    const { onEnded } = settings;
    if (await leavePage(ended, { clock, saving, onEnded, title: settings.words.endedTitle })) {
      guarding.abort();
      screen.clear();
    }
  }

  askNothing(() => over, guarding.signal);
  link.open();
  beat();

  return {
    get state() {
      return state;
    },
    get session() {
      return ledger.told;
    },
    serverNow: server.now,
    on: events.on,
    async logout() {
      if (over) return;
      saving.ask({ reason: 'logout', endsAt: null });
      await saving.settled();
      await signOut(link, tokens, settings.address);
      await finish('logout', server.now());
    },
    setAvailability: (available) => link.request('availability', { available }),
    stay: reporter.flush,
    disconnect() {
      stopWorking();
      guarding.abort();
      screen.clear();
    },
  };
}
