import type { SessionMessage, SessionView, WarningMessage } from '../../shared/protocol.ts';
import { createReporter } from './activity/reporter.ts';
import { watchActivity } from './activity/watcher.ts';
import type { Vigil, VigilEvents, VigilState } from './api.ts';
import { createAlarm, elapsedSince, type Mark, markNow, type PageClock } from './clock.ts';
import { createEmitter } from './emitter.ts';
import { askNothing, isSamePage, leavePage, loginAddress } from './leaving.ts';
import { createLink } from './link/link.ts';
import { signOut } from './link/logout.ts';
import { createOutage } from './link/outage.ts';
import { createTokens, LOGIN_CHANGED } from './link/tokens.ts';
import type { Settings } from './options.ts';
import { createFocusTracker, isVisible, watchPage } from './page.ts';
import { untilNextSecond } from './panel/countdown.ts';
import { createScreen } from './panel/screen.ts';
import { createSaving } from './saving.ts';
import { createKnowledge } from './session/knowledge.ts';

/** Reports are at most this far apart while somebody is active. */
const REPORT_INTERVAL_MS = 15_000;
const WARNED_INTERVAL_MS = 1_000;
/** While warned, a report that no `session` answers by then went into a dead link. */
const ANSWER_PATIENCE_MS = 3_000;
/** After connecting the server says how things stand. */
const SNAPSHOT_PATIENCE_MS = 5_000;
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
  const known = createKnowledge(clock);
  const saving = createSaving(clock, settings.onBeforeEnd);
  const tokens = createTokens(settings.getToken, clock, known.now);
  const focus = createFocusTracker(clock);
  const working = new AbortController();
  const guarding = new AbortController();

  let state: VigilState = 'connecting';
  /** Back from the back-forward cache: hidden until the server has spoken, whatever the deadline. */
  let unsure = false;
  let over = false;
  let beatAt = markNow(clock);
  let beatMs = BEAT_MS;
  const nextBeat = createAlarm(clock);

  const link = createLink({
    clock,
    origin: settings.origin,
    prefix: settings.prefix,
    polling: settings.polling ?? false,
    tokens,
    serverNow: known.now,
    random: Math.random,
    isUrgent: () => known.warned || state === 'covered',
    handlers: {
      up: onUp,
      down: onDown,
      session: onSession,
      warning: onWarning,
      ended: onEnded,
      over: onOver,
    },
  });

  const outage = createOutage(clock, {
    onSilence: link.renew,
    onNews(code) {
      const remedy = code === 'origin_denied' ? `: add ${location.origin} to VIGIL_ALLOWED_ORIGINS` : '';
      console.warn(`Vigil: offline (${code})${remedy}`);
      beat();
      events.emit('offline', { code });
    },
  });

  const reporter = createReporter({
    clock,
    intervalMs() {
      const { told, warned } = known;
      if (told === null) return 0;
      return warned ? WARNED_INTERVAL_MS : Math.min(REPORT_INTERVAL_MS, (told.timeoutMs - told.leadMs) / 4);
    },
    send(idleMs) {
      if (!link.send('activity', { idleMs })) return false;
      known.reported(idleMs);
      if (known.warned) outage.expectWord(ANSWER_PATIENCE_MS);
      return true;
    },
  });

  const lookForFrames = watchActivity({
    clock,
    frameOrigins: settings.framesFrom,
    onInput() {
      // Clocks are read once: pointers move often.
      const now = markNow(clock);
      // The first sign of life after a sleep may be this very input.
      if (isLate(now)) beat();
      reporter.input(now);
      screen.staying(true);
    },
    onEdit: saving.edit,
    signal: working.signal,
  });

  // After the watcher: what dismisses the warning is seen by it, and by nobody else.
  const screen = createScreen({ ...settings, onRetry: link.nudge, signal: guarding.signal });

  watchPage(
    {
      focus() {
        if (focus.changed()) tellFocus();
      },
      flush: reporter.flush,
      wake() {
        beat();
        link.nudge();
        focus.changed();
        // Also where nothing changed: a link that died in its sleep shows it when something is sent.
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
    known.connected();
    outage.expectWord(SNAPSHOT_PATIENCE_MS);
    focus.changed();
    // In this order: of a tab that is not known to be visible, input counts for nothing.
    tellFocus();
    reporter.repeat();
    beat();
  }

  function onDown(code: string): void {
    outage.lost(code, known.told === null || code === LOGIN_CHANGED);
    beat();
  }

  function onSession(message: SessionMessage): void {
    const before = known.told;
    if (!known.session(message)) return;
    outage.end();
    unsure = false;
    screen.staying(false);
    tell(before);
    events.emit('session', known.told!);
    if (before?.state === 'warning' && !known.warned) events.emit('resumed', known.told!);
  }

  function onWarning(message: WarningMessage): void {
    const before = known.told;
    if (known.warning(message)) tell(before);
  }

  /** The server has spoken: shows what follows, and tells the host of a warning that is new or has moved. */
  function tell(before: SessionView | null): void {
    beat();
    const { endsAt } = known.told!;
    const wasWarned = before?.state === 'warning';
    if (!known.warned || (wasWarned && before.endsAt === endsAt)) return;
    events.emit('warning', { endsAt, remainingMs: Math.max(0, endsAt - known.now()) });
    if (wasWarned) return;
    saving.ask({ reason: 'timeout', endsAt });
    // Input that was waiting for its turn answers the warning.
    reporter.flush();
  }

  function isLate(now: Mark): boolean {
    return elapsedSince(clock, beatAt, now) > beatMs + LATE_MS;
  }

  /** Looks at the clock and the facts, and shows what follows from them. Harmless at any time. */
  function beat(): void {
    if (over) return;
    const now = markNow(clock);
    const late = isLate(now);
    beatAt = now;
    const { hide, ask } = known.judge(link.up);
    beatMs = nextBeatIn();
    nextBeat.set(beatMs, beat);
    show(hide || unsure || outage.code === LOGIN_CHANGED);
    lookForFrames();
    if (ask) link.renew();
    if (late && isVisible()) link.nudge();
  }

  function nextBeatIn(): number {
    if (known.warned) return untilNextSecond(known.told!.endsAt, known.now());
    return isVisible() ? BEAT_MS : HIDDEN_BEAT_MS;
  }

  function show(covered: boolean): void {
    const { told, warned } = known;
    if (covered) screen.cover(outage.code === LOGIN_CHANGED);
    else if (told !== null && warned) warn(told);
    else screen.clear();
    const calm = told === null ? 'connecting' : 'active';
    setState(covered ? 'covered' : warned ? 'warning' : outage.code !== null ? 'offline' : calm);
  }

  function warn({ endsAt, leadMs }: SessionView): void {
    const now = known.now();
    screen.warn({ endsAt, leadMs, now, up: link.up });
    if (saving.edited && now >= endsAt - Math.min(LAST_SAVE_MS, leadMs / 4)) {
      saving.ask({ reason: 'timeout', endsAt });
    }
  }

  function setState(next: VigilState): void {
    const before = state;
    state = next;
    if (before !== next) events.emit('state', next, before);
  }

  function onEnded({ rev, reason, endedAt }: { rev: number; reason: string; endedAt: number }): void {
    if (known.isCurrent(rev)) void finish(reason, endedAt);
  }

  function onOver(reason: string | null): void {
    // A page that nobody was signed in to, and that names no login page, may be read by anybody.
    if (reason === null && known.told === null && settings.login === null) disconnect();
    else void finish(reason ?? (known.pastDue ? 'timeout' : 'logout'), known.now());
  }

  function stopWorking(): void {
    over = true;
    link.close();
    reporter.stop();
    outage.end();
    nextBeat.clear();
    working.abort();
  }

  function disconnect(): void {
    stopWorking();
    guarding.abort();
    screen.clear();
  }

  async function finish(reason: string, endedAt: number): Promise<void> {
    if (over) return;
    stopWorking();
    const loginUrl = settings.login && loginAddress(settings.login, new URL(location.href), reason);
    const ended = { reason, endedAt, loginUrl };
    // The login page has nothing to hide, and going there from there would never end.
    const stays = isSamePage(settings.login);
    if (stays) screen.clear();
    else screen.end(reason);
    setState('ended');
    events.emit('ended', ended);
    const { onEnded } = settings;
    const page = { clock, saving, onEnded, title: settings.words.endedTitle };
    if (stays || (await leavePage(ended, page))) disconnect();
  }

  askNothing(() => over, guarding.signal);
  link.open();
  beat();

  return {
    get state() {
      return state;
    },
    get session() {
      return known.told;
    },
    serverNow: known.now,
    on: events.on,
    async logout() {
      if (over) return;
      saving.ask({ reason: 'logout', endsAt: null });
      await saving.settled();
      await signOut(link, tokens, settings.origin + settings.prefix);
      await finish('logout', known.now());
    },
    setAvailability: (available) => link.request('availability', { available }),
    stay: reporter.flush,
    disconnect,
  };
}
