import { type Html, html } from '../html.ts';
import { COMPANY } from '../people.ts';
import { document, MARK } from './layout.ts';

export interface Say {
  title: string;
  text: string;
  action?: { href: string; label: string };
}

/** A page that says one thing: what is wrong and what to do about it. */
export function messagePage({ title, text, action }: Say): string {
  const link: Html | null =
    action === undefined
      ? null
      : html`<p><a class="button primary" href="${action.href}">${action.label}</a></p>`;
  return document({
    title,
    area: 'door',
    body: html`<main class="door-card">
<p class="brand">${MARK}<span>${COMPANY}</span></p>
<h1>${title}</h1>
<p>${text}</p>
${link}
</main>`,
  });
}

export const SAYINGS = {
  notFound: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or the ticket has been removed.',
    action: { href: '/desk', label: 'To the desk' },
  },
  forbidden: {
    title: 'Not for this account',
    text: 'This page is for people with the permission Manage Security. Ask your administrator if you need it.',
    action: { href: '/desk', label: 'Back to the tickets' },
  },
  unreachable: {
    title: 'We can’t check your session right now',
    text: 'The service that keeps track of sessions does not answer, so the desk stays closed for the moment. You are not signed out, and drafts are kept. Try again in a few seconds.',
  },
  foreign: {
    title: 'That did not come from here',
    text: 'The request came from another site’s page, so the desk has done nothing with it.',
    action: { href: '/', label: 'Start again' },
  },
  otherLogin: {
    title: 'Someone else has signed in meanwhile',
    text: 'This page belonged to an earlier sign-in in this browser. Nothing was sent or changed.',
    action: { href: '/', label: 'Go on as who is signed in now' },
  },
  malformed: {
    title: 'The desk can’t read that',
    text: 'The request is not in a form that the desk understands. Nothing was changed.',
    action: { href: '/', label: 'Start again' },
  },
  tooLarge: {
    title: 'That is too long',
    text: 'What was sent is larger than the desk takes. Go back, shorten it and send it again.',
  },
  failed: {
    title: 'Something went wrong on our side',
    text: 'The desk could not do that. Go back and try again; if it stays so, tell whoever runs it.',
  },
} as const satisfies Record<string, Say>;
