/**
 * Pictures of every page of the dashboard, for docs/images: `npm run screenshots`. A node with an invented account, and
 * Chromium. Their morning is played on a clock that is set back, and recorded minute by minute as a node does.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { startPresenceRecorder } from '../server/presence-recorder.ts';
import { startChromium } from '../test/support/chromium.ts';
import { createTestClock } from '../test/support/clock.ts';
import { type Act, keepWorking, playMorning } from '../test/support/dashboard/crowd.ts';
import { ACCOUNT, openStage, type Stage } from '../test/support/dashboard/stage.ts';
import { PROJECT } from '../test/support/node-process.ts';
import { pause } from '../test/support/waiting.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FOLDER = join(PROJECT, 'docs', 'images');
const WIDE = { width: 1360, height: 940 };
const NARROW = { width: 360, height: 780 };

interface Shot {
  name: string;
  place: string;
  size?: { width: number; height: number };
  act?: (view: FrameLocator, page: Page) => Promise<void>;
}

const openFirst = async (view: FrameLocator) => {
  await view.locator('.agent .name').nth(3).click();
  await view.locator('.drawer .ribbon').waitFor();
};
const askFirst = async (view: FrameLocator) => {
  for (const row of [1, 2, 4]) await view.locator('.agent input').nth(row).check();
  await view.locator('.selection .danger').click();
};
const chooseQuarter = async (view: FrameLocator) => {
  await view.getByRole('button', { name: /^15 minutes/ }).click();
  await view.getByText(/would be signed out/).waitFor();
};

const OFFICE: Shot[] = [
  { name: 'presence', place: '#/presence' },
  { name: 'agent', place: '#/presence', act: openFirst },
  { name: 'sign-out', place: '#/presence', act: askFirst },
  { name: 'security', place: '#/security', act: chooseQuarter },
  { name: 'audit', place: '#/audit' },
  { name: 'presence-narrow', place: '#/presence', size: NARROW },
  { name: 'security-narrow', place: '#/security', size: NARROW },
];
const CROWD: Shot[] = [{ name: 'presence-10000', place: '#/presence' }];
const NOBODY: Shot[] = [{ name: 'presence-empty', place: '#/presence?state=idle' }];

await mkdir(FOLDER, { recursive: true });
await take(260, OFFICE);
await take(10_000, CROWD);
await take(0, NOBODY);
process.exit(0);

async function take(agents: number, shots: Shot[]): Promise<void> {
  const stage = await openStage({}, 10 * HOUR);
  const recorder = recorderOf(stage);
  // Of very many only what the chart shows: each minute reads everybody.
  const recorded = { hours: agents > 1_000 ? 1 : 10, run: recorder.record };
  const also = agents > 0 ? eventfulMorning(stage) : [];
  const atWork = await playMorning(stage, agents, { recorded, also });
  if (agents > 0) await warnSome(stage);
  stage.signIn();
  const stop = agents > 0 ? keepWorking(stage, atWork, Math.ceil(agents / 60)) : () => {};
  const device = await startChromium();
  const page = await device.openPage();
  for (const shot of shots) for (const theme of ['light', 'dark']) await shoot(page, stage, shot, theme);
  stop();
  await device.close();
  await recorder.close();
  await stage.close();
}

/** What an audit log is for: who was signed out and why, who changed the policy, who tried what they may not. */
function eventfulMorning({ engine }: Stage): Act[] {
  const now = Date.now();
  const account = ACCOUNT;
  const acts: Act[] = [];
  const at = (minutesAgo: number, run: Act['run']) => acts.push({ at: now - minutesAgo * MINUTE, run });
  const login = (name: string, loginAt: number) => ({
    account,
    agent: name.toLowerCase().replace(' ', '.'),
    sid: `login of ${name}`,
    loginAt,
    issuedAt: loginAt,
    name,
    permissions: [],
    autoAssign: true,
  });
  const rememberMe = { agent: true, requester: false };
  at(190, () => engine.setPolicy({ account, settings: { timeoutSeconds: 86_400, rememberMe }, by: 'mara' }));

  // Three who did nothing for a day, each in another way; they are warned for a minute in which somebody sweeps.
  const overdue = now - 20 * MINUTE;
  const idlers = ['Bruno Ferreira', 'Chidi Okafor', 'Dana Weiss'].map((name) =>
    login(name, overdue - 24 * HOUR + 70_000),
  );
  for (const [index, idler] of idlers.entries()) {
    at(20, () => engine.admit(idler));
    const tab = { ...idler, tab: `tab of ${idler.agent}` };
    if (index > 0) at(20, () => engine.admit(idler, tab.tab));
    if (index > 1) at(20, () => engine.updateTabs([{ ...tab, visible: true, at: overdue }]));
  }
  for (let second = 0; second < 90; second += 2) at(20 - second / 60, () => engine.sweep());

  at(8.5, () => engine.admit(login('Elif Kaya', now - 9 * MINUTE)));
  at(8, () => engine.signOut({ account, agent: 'elif.kaya', by: 'mara' }));
  const refused = { by: 'agent-00021', needs: 'manage_security', call: 'PUT /v1/policy' };
  at(5, () => engine.record(account, { type: 'access.refused', data: refused }));
  at(3, () => engine.admit(login('Farid Nasser', now - 4 * MINUTE)));
  at(0.5, () => engine.endSession({ account, sid: 'login of Farid Nasser' }));
  return acts;
}

/** Some have not been there for a day, and are being warned. */
async function warnSome({ engine }: Stage): Promise<void> {
  for (const name of ['Ada Brandt', 'Ada Costa', 'Zoë Adeyemi']) {
    await engine.admit({
      account: ACCOUNT,
      agent: name.toLowerCase().replace(' ', '.'),
      sid: `login of ${name}`,
      loginAt: Date.now() - 24 * HOUR + 20_000,
      issuedAt: Date.now(),
      name,
      permissions: [],
      autoAssign: true,
    });
  }
}

async function shoot(
  page: Page,
  stage: Stage,
  { name, place, size = WIDE, act }: Shot,
  theme: string,
): Promise<void> {
  await page.setViewportSize(size);
  await page.goto('about:blank');
  await page.goto(stage.host.url(place, `theme=${theme}`));
  const view = page.frameLocator('iframe');
  await view.locator('.link-state.live').waitFor();
  await act?.(view, page);
  // For what slides in, and the first word of the chart.
  await pause(900);
  await page.screenshot({ path: join(FOLDER, `${name}-${theme}.png`) });
  console.log(`${name}-${theme}.png`);
}

/** Records the account whenever it is told to, in place of the node's own recorder. */
function recorderOf({ engine }: Stage) {
  const timers = createTestClock(0);
  const display = { idleAfterMs: 60_000, leaveGraceMs: 5_000 };
  const recorder = startPresenceRecorder({ engine, clock: timers, display, log: console });
  return {
    async record() {
      await recorder.want(ACCOUNT);
      timers.advance(10_000);
      while (timers.pending === 0) await pause(0);
    },
    close: () => recorder.close(),
  };
}
