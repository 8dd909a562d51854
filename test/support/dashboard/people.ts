/** Names of invented people, as varied as those of a real account; the same ones each time. */
const FIRST =
  'Ada Amir Beatriz Bjørn Chloé Daniel Elif Emeka Fatima Felix Grace Hana Ines Isak Jamal Jonas Kaori Katya Lars Lucía Mara Mateo Mei Naomi Noor Oksana Omar Priya Quentin Rosa Sami Sofia Tariq Thandi Uma Viktor Wanjiru Xavier Yara Zoë'.split(
    ' ',
  );
const LAST =
  'Abara Andersson Bauer Castillo Chen Dąbrowski Diallo Eriksen Ferrari García Haddad Ivanov Jansen Kowalski Lindqvist Müller Nakamura Okafor Öztürk Petrov Quispe Raman Silva Tanaka Ueda Vargas Weber Xu Yilmaz Zając'.split(
    ' ',
  );

export function personName(index: number): string {
  // A name is text, whatever it looks like.
  if (index === 7) return '<img src=x onerror=alert(1)>';
  const first = FIRST[index % FIRST.length]!;
  const last = LAST[(index * 7 + Math.floor(index / FIRST.length)) % LAST.length]!;
  return `${first} ${last}`;
}

export function personId(index: number): string {
  return `agent-${String(index + 1).padStart(5, '0')}`;
}

/** Numbers in [0, 1) that look random and are the same each time. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
