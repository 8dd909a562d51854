import { expect } from 'chai';
import type { Answer } from '../support/api.ts';

/** An answer that refuses, as RFC 9457 wants it. */
export function expectProblem(answer: Answer, expected: { status: number; code: string }): void {
  expect(answer.status, JSON.stringify(answer.body)).to.equal(expected.status);
  expect(answer.headers.get('content-type')).to.match(/^application\/problem\+json/);
  expect(answer.body).to.include(expected);
}
