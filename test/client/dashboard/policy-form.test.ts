import { expect } from 'chai';
import {
  amountOf,
  caution,
  draftOf,
  judgeDraft,
  type PolicyBody,
  presetsFor,
  previewSentence,
  unitsFor,
} from '../../../client/dashboard/security/policy-form.ts';

const POLICY: PolicyBody = {
  timeoutSeconds: 86_400,
  rememberMe: { agent: true, requester: false },
  leadSeconds: 60,
  limits: { minSeconds: 900, maxSeconds: 2_592_000 },
  updatedAt: null,
  updatedBy: null,
};

describe('the form of Session Security', () => {
  it('shows a timeout as a value and the unit that people would choose', () => {
    const shown = [900, 3_600, 5_400, 86_400, 172_800, 90].map((seconds) => Object.values(amountOf(seconds)));
    expect(shown).to.deep.equal([
      ['15', 60],
      ['1', 3_600],
      ['90', 60],
      ['24', 3_600],
      ['2', 86_400],
      ['90', 1],
    ]);
  });

  it('takes whole numbers within the allowed range, and says what is wrong with the rest', () => {
    const judge = (value: string, unit: number) => judgeDraft({ ...draftOf(POLICY), value, unit }, POLICY);
    expect(judge('15', 60)).to.deep.equal({
      ok: true,
      settings: { timeoutSeconds: 900, rememberMe: POLICY.rememberMe },
    });
    expect(judge(' 30 ', 86_400)).to.have.property('ok', true);
    for (const value of ['', '1.5', '-3', '1e3', 'soon', '9999999999']) {
      expect(judge(value, 3_600), value).to.deep.equal({ ok: false, problem: 'Give a whole number.' });
    }
    for (const [value, unit] of [
      ['14', 60],
      ['31', 86_400],
    ] as const) {
      expect(judge(value, unit)).to.deep.equal({
        ok: false,
        problem: 'Choose a time from 15 minutes to 30 days.',
      });
    }
  });

  it('offers seconds and a time to try it out only where the server allows so little', () => {
    const trial = { ...POLICY, limits: { ...POLICY.limits, minSeconds: 90 } };
    expect(unitsFor(POLICY, draftOf(POLICY))).to.deep.equal([60, 3_600, 86_400]);
    expect(unitsFor(trial, draftOf(trial))).to.deep.equal([1, 60, 3_600, 86_400]);
    expect(presetsFor(POLICY).map(({ seconds }) => seconds)).to.deep.equal([900, 3_600, 86_400, 2_592_000]);
    expect(presetsFor(trial)[0]?.seconds).to.equal(120);
  });

  it('cautions where a timeout exceeds what the standards allow', () => {
    expect(caution(900)).to.equal(null);
    expect(caution(901)).to.match(/PCI DSS 8\.2\.8/);
    expect(caution(3_600)).to.not.match(/NIST/);
    expect(caution(3_601)).to.match(/NIST SP 800-63B-4/);
    expect(caution(86_401)).to.match(/more than a day/);
  });

  it('says before saving whom it would sign out', () => {
    expect(previewSentence({ agents: 40, dueNow: 4, dueWithinHour: 11 }, 60)).to.equal(
      '4 agents would be signed out within a minute of warning, 11 within the hour.',
    );
    expect(previewSentence({ agents: 40, dueNow: 1, dueWithinHour: 1 }, 30)).to.equal(
      '1 agent would be signed out within 30 seconds of warning, 1 within the hour.',
    );
    expect(previewSentence({ agents: 40, dueNow: 0, dueWithinHour: 0 }, 60)).to.match(/^Nobody/);
    expect(previewSentence({ agents: 0, dueNow: 0, dueWithinHour: 0 }, 60)).to.match(
      /^No agent is signed in/,
    );
  });
});
