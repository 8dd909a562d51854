import type { TrailState } from '../../shared/presence.ts';
import { MAX_TURNS, RECORDED_MS, type Turn } from './recordings.ts';

/** An agent's turns as one text, eight letters each: a state and the second. As include/trail.lua has it. */

const MARKS: Record<TrailState, string> = {
  active: 'a',
  idle: 'i',
  background: 'b',
  offline: 'o',
  warned: 'w',
  signed_out: 'x',
};
const STATES = new Map(Object.entries(MARKS).map(([state, mark]) => [mark, state as TrailState]));
const WIDTH = 8;

export function packTurn({ state, at }: Turn): string {
  return (
    MARKS[state] +
    Math.floor(at / 1000)
      .toString(36)
      .padStart(WIDTH - 1, '0')
  );
}

export function unpackTurns(trail: string): Turn[] {
  return Array.from({ length: trail.length / WIDTH }, (_, place) => {
    const word = trail.slice(place * WIDTH, (place + 1) * WIDTH);
    return { state: STATES.get(word[0]!) ?? 'signed_out', at: Number.parseInt(word.slice(1), 36) * 1000 };
  });
}

/** With one turn more, without what lies after it or has been over for a day, and within its bounds. */
export function withTurn(trail: string, turn: Turn): string {
  const turns = unpackTurns(trail).filter(({ at }) => at < turn.at);
  turns.push(turn);
  while (turns.length > MAX_TURNS || (turns.length > 1 && turns[1]!.at <= turn.at - RECORDED_MS))
    turns.shift();
  return turns.map(packTurn).join('');
}
