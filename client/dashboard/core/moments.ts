import { texts } from '../texts.ts';

/** Moments and durations as people read them, in the reader's own zone. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Until then nothing is to be counted. */
export const JUST_NOW_MS = 10 * SECOND;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** `14:02`; with the date where it was not today. */
export function clockTime(at: number, now: number): string {
  return sameDay(at, now) ? clock.format(at) : dayAndClock.format(at);
}

/** With the date, the seconds and the zone: what stands in the hover of every moment. */
export function exactTime(at: number): string {
  return exact.format(at);
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

const { short } = texts.time;

/** `20 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: how long something has been so. */
export function shortDuration(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / SECOND)} ${short.second}`;
  if (left < HOUR) return `${Math.floor(left / MINUTE)} ${short.minute}`;
  if (left < DAY) return two(left, HOUR, short.hour, MINUTE, short.minute);
  return two(left, DAY, short.day, HOUR, short.hour);
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** What is left until a moment: `0:42`, `12:05`, then in words; nothing left is nothing. */
export function countdown(ms: number): string {
  if (ms <= 0) return texts.time.over;
  if (ms >= HOUR) return shortDuration(ms);
  const seconds = Math.ceil(ms / SECOND);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A length as a setting says it: `15 minutes`, `24 hours`, `1 hour 30 minutes`. */
export function longDuration(seconds: number): string {
  // A day is said as 24 hours: that is how the setting is known.
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, size] of UNITS) {
    if (name === 'day' && seconds < 2 * 86_400) continue;
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(texts.time.units[name](count));
    rest -= count * size;
  }
  return parts.length === 0 ? texts.time.units.second(0) : parts.join(' ');
}

export function agoOrClock(at: number, now: number): string {
  const ago = now - at;
  if (ago < JUST_NOW_MS) return texts.time.now;
  return ago < HOUR ? texts.time.ago(shortDuration(ago)) : texts.time.at(clockTime(at, now));
}
