import { expect } from 'chai';
import { filtersOf, NO_FILTERS, queryOf, rangeOf, within } from '../../../client/dashboard/audit/filters.ts';
import { hrefOf, readPlace, vigilAddress } from '../../../client/dashboard/core/place.ts';
import type { VigilEvent } from '../../../shared/events.ts';

describe('filters of the audit log', () => {
  it('stand in the address and come back from it', () => {
    const filters = { ...NO_FILTERS, type: 'session.ended', agent: 'a&b=ü' };
    const place = readPlace(hrefOf('audit', { ...filters }));
    expect(place.page).to.equal('audit');
    expect(filtersOf(place.query)).to.deep.equal(filters);
  });

  it('ask the server for what it can filter', () => {
    expect(queryOf({ ...NO_FILTERS, agent: ' ada ' }, { limit: '100', cursor: '' })).to.equal(
      'agent=ada&limit=100',
    );
  });

  it('take a whole minute as the end of a span, and nothing as no bound', () => {
    const { from, to } = rangeOf({ ...NO_FILTERS, from: '2026-11-23T10:00', to: '2026-11-23T10:30' });
    expect(to - from).to.equal(30 * 60_000 + 59_999);
    expect(rangeOf(NO_FILTERS)).to.deep.equal({
      from: Number.NEGATIVE_INFINITY,
      to: Number.POSITIVE_INFINITY,
    });
    expect(rangeOf({ ...NO_FILTERS, from: 'nonsense' }).from).to.equal(Number.NEGATIVE_INFINITY);
  });

  it('tell when older pages hold nothing more of the span', () => {
    const events = [30, 20, 10].map((at) => ({ at }) as VigilEvent);
    expect(within(events, { from: 15, to: 25 })).to.deep.equal({ events: [events[1]], older: false });
    expect(within(events, { from: 5, to: 25 }).older).to.equal(true);
  });
});

describe('the place of the page', () => {
  it('finds Vigil below whatever prefix it is served under', () => {
    expect(vigilAddress('https://desk.example/dashboard/').href).to.equal('https://desk.example/');
    expect(vigilAddress('https://desk.example/vigil/dashboard/?theme=dark#/audit').href).to.equal(
      'https://desk.example/vigil/',
    );
  });

  it('knows no page that is not there', () => {
    expect(readPlace('#/elsewhere').page).to.equal(null);
    expect(readPlace('').page).to.equal(null);
  });
});
