import fc from 'fast-check';

/** Keys that mean something to JavaScript, and ids that look like them. */
export const ODD_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  ' ',
  '0',
  '-1',
  '..',
  '.',
  '/',
  '%00',
  '\u0000',
  '\r\nX: y',
  "' OR 1=1 --",
  '{acme}',
  '🙂',
  '\ud800',
  'é',
  'é',
  '<img src=x onerror=alert(1)>',
  '=HYPERLINK("x")',
  'x'.repeat(128),
  'x'.repeat(129),
  'x'.repeat(5_000),
];

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.5,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  899,
  900,
  2_592_000,
  2_592_001,
];

/** A value of JSON, of whatever shape, with odd keys. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [null], [[]], ...NUMBERS, ...ODD_NAMES),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom(...ODD_NAMES), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 }),
  },
);

/** JSON as text: mostly well-formed, else as no serialiser would write it. */
export function jsonOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: value.map((plain) => JSON.stringify(plain) ?? 'null') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '1e400',
        '{"__proto__":{"available":true,"idleMs":0}}',
        '{"idleMs":1,"idleMs":"x"}',
        `{"idleMs":${'9'.repeat(400)}}`,
        `{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
        '[',
        '{"',
        '"\\ud800"',
        '\ufeff{}',
        'NaN',
        `"${'x'.repeat(12_000)}"`,
      ),
    },
  );
}

/** A payload with the right fields: mostly good ones, some of them odd, some missing, some too many. */
export function nearly(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const each = Object.entries(fields).map(
    ([name, good]) =>
      [name, fc.oneof({ weight: 4, arbitrary: good }, { weight: 2, arbitrary: oddValue })] as const,
  );
  return fc
    .tuple(
      fc.record(Object.fromEntries(each), { requiredKeys: [] }),
      fc.option(fc.tuple(fc.constantFrom(...ODD_NAMES), oddValue), { freq: 3 }),
    )
    .map(([known, extra]) => (extra === null ? known : { ...known, [extra[0]]: extra[1] }));
}

export const anyBytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('base64'));
