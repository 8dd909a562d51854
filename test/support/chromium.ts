import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram, startChild } from './children.ts';
import { temporaryFolder } from './places.ts';

/** A browser of its own, with its own cookies and storage: one device. */
export interface Device {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly pid: number;
  /** A new tab in front; those behind it are really hidden. */
  openPage(url?: string): Promise<Page>;
  /** Closes all tabs but the empty one that the browser started with, and forgets its cookies. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a real Chromium with real tabs. One that Playwright launches shows every tab as visible and focused, whatever
 * is in front; so it is started by hand, and Playwright only attaches, without its defaults.
 */
export async function startChromium(flags: string[] = []): Promise<Device> {
  const program = findProgram(
    ...[
      process.env.VIGIL_CHROMIUM ?? 'chromium',
      'chromium-browser',
      'google-chrome-stable',
      'google-chrome',
    ],
  );
  const child = startChild(program, [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--lang=en-US',
    '--window-size=1280,900',
    `--user-data-dir=${temporaryFolder('chromium')}`,
    '--remote-debugging-port=0',
    ...flags,
    'about:blank',
  ]);
  const endpoint = await child.waitForLine(
    (line) => /DevTools listening on (ws:\S+)/.exec(line)?.[1],
    'its DevTools address',
    30_000,
  );
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
  const context = browser.contexts()[0]!;
  // What does not come soon does not come, and a test has other things to wait for.
  context.setDefaultTimeout(10_000);
  const first = context.pages()[0];
  return {
    browser,
    context,
    pid: child.pid,
    async openPage(url) {
      const page = await context.newPage();
      await page.bringToFront();
      if (url !== undefined) await page.goto(url);
      return page;
    },
    async reset() {
      await Promise.all(context.pages().map((page) => (page === first ? null : page.close())));
      await context.clearCookies();
    },
    async close() {
      await browser.close().catch(() => {});
      await child.kill();
    },
  };
}

/** Puts a tab's page to sleep or wakes it, as a browser does with a background tab or a closed laptop. */
export async function setLifecycle(page: Page, state: 'frozen' | 'active'): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state });
  await session.detach();
}
