import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Frame, FrameLocator, Locator, Page } from 'playwright-core';
import type { Device } from '../chromium.ts';
import { until } from '../waiting.ts';
import type { Stage } from './stage.ts';

/** The dashboard as somebody sees it, inside the host's page. */
export interface Dashboard {
  readonly page: Page;
  readonly view: FrameLocator;
  readonly frame: Frame;
  /** What the browser complained of: violations of the content policy, errors nobody caught. */
  readonly complaints: string[];
  row(name: string): Locator;
  /** Resolves once a text is there that matches. */
  shows(where: Locator, text: string | RegExp, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

export async function openDashboard(
  device: Device,
  stage: Stage,
  place = '',
  query = '',
): Promise<Dashboard> {
  const page = await device.openPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(stage.host.url(place, query));
  const view = page.frameLocator('iframe');
  await view.locator('#app > *').first().waitFor();
  return {
    page,
    view,
    frame: page.frames().find((one) => one.url().startsWith(stage.host.dashboard))!,
    complaints,
    row: (name) => view.locator('.agent', { has: view.getByRole('button', { name, exact: true }) }),
    async shows(where, text, timeoutMs = 5_000) {
      const matches = async () => {
        const found = await where.allTextContents();
        return found.some((one) => (typeof text === 'string' ? one.includes(text) : text.test(one)));
      };
      await until(matches, `“${text}” in ${where}`, { timeoutMs });
    },
    close: () => page.close(),
  };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Holds what is shown to what assistive technology needs; `what` names it where something is wrong. */
export async function expectAccessible({ frame }: Dashboard, what: string): Promise<void> {
  await frame.evaluate(axe);
  const found = (await frame.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then(({ violations, passes }) => ({
    kept: passes.map(({ id }) => id),
    broken: violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) =>
      html.slice(0, 160) + ' ' + failureSummary).join(' | ')),
  }))`)) as { kept: string[]; broken: string[] };
  // A run that judged nothing is no proof.
  expect(found.kept, what).to.include.members(['color-contrast', 'region']);
  expect(found.broken, what).to.deep.equal([]);
}
