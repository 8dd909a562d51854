import { type Html, html } from '../html.ts';
import type { PRIORITIES, STATES } from '../tickets.ts';

type State = (typeof STATES)[number];
type Priority = (typeof PRIORITIES)[number];

export const STATE_NAMES: Record<State, string> = {
  open: 'Open',
  waiting: 'Waiting for customer',
  resolved: 'Resolved',
};
export const PRIORITY_NAMES: Record<Priority, string> = {
  urgent: 'Urgent',
  high: 'High',
  normal: 'Normal',
  low: 'Low',
};
/** What a state means to the customer. */
export const STATE_FOR_CUSTOMER: Record<State, string> = {
  open: 'We are on it',
  waiting: 'Waiting for you',
  resolved: 'Resolved',
};

/** Told by shape and word, not by colour alone. */
export function stateMark(state: State, names: Record<State, string> = STATE_NAMES): Html {
  return html`<span class="state ${state}">${names[state]}</span>`;
}

const BARS: Record<Priority, number> = { low: 1, normal: 2, high: 3, urgent: 4 };

export function priorityMark(priority: Priority): Html {
  const bars = [0, 1, 2, 3].map((index) => {
    const height = 4 + index * 3;
    const on = index < BARS[priority] && html` class="on"`;
    return html`<rect x="${index * 5}" y="${14 - height}" width="3" height="${height}" rx="1"${on}/>`;
  });
  return html`<span class="priority ${priority}"><svg viewBox="0 0 18 14" aria-hidden="true" focusable="false">${bars}</svg>${PRIORITY_NAMES[priority]}</span>`;
}
