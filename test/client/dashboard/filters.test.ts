import { expect } from 'chai';
import { filtersOf, NO_FILTERS, queryOf } from '../../../client/dashboard/audit/filters.ts';
import { hrefOf, readPlace, vigilAddress } from '../../../client/dashboard/core/place.ts';

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

  it('take the whole minute that the end names, and nothing as no bound', () => {
    const query = new URLSearchParams(
      queryOf({ ...NO_FILTERS, from: '2026-11-23T10:00', to: '2026-11-23T10:30' }, {}),
    );
    expect(Number(query.get('to')) - Number(query.get('from'))).to.equal(30 * 60_000 + 59_999);
    expect(queryOf({ ...NO_FILTERS, from: 'nonsense' }, {})).to.equal('');
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
