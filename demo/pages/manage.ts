import { type Html, html } from '../html.ts';
import type { Person } from '../people.ts';

/** Vigil's own pages, where admins of this desk look for them: each has a place here and one inside of the dashboard. */
export const MANAGE_PAGES = {
  presence: { path: '/desk/manage/presence', name: 'Live presence', needs: 'view_presence' },
  security: {
    path: '/desk/manage/general/security/session',
    name: 'Session Security',
    needs: 'manage_security',
  },
  audit: { path: '/desk/manage/general/security/audit', name: 'Audit log', needs: 'manage_security' },
} as const;
export type ManagePage = keyof typeof MANAGE_PAGES;

/** Whose page it is to see. The page alone would do no harm: what counts is that Vigil refuses the calls. */
export function maySee({ permissions }: Person, page: ManagePage): boolean {
  return permissions.includes('manage_security') || permissions.includes(MANAGE_PAGES[page].needs);
}

/** Vigil's dashboard in a frame; the desk's script hands it the token of whoever is signed in. */
export function vigilPage(page: ManagePage): Html {
  return html`<h1 class="unseen">${MANAGE_PAGES[page].name}</h1>
<iframe id="vigil" class="embedded" src="/dashboard/?nav=none#/${page}" title="${MANAGE_PAGES[page].name}"></iframe>`;
}
