import { type ReadonlySignal, signal } from '@preact/signals';

export interface Notice {
  id: number;
  tone: 'good' | 'bad';
  text: string;
}

/** Short messages about what was done, read out as they come. */
export interface Notices {
  readonly shown: ReadonlySignal<readonly Notice[]>;
  say(tone: Notice['tone'], text: string): void;
  dismiss(id: number): void;
}

const GOOD_STAYS_MS = 6_000;
const MAX_SHOWN = 3;

export function createNotices(after: (ms: number, run: () => void) => void): Notices {
  const shown = signal<readonly Notice[]>([]);
  let lastId = 0;
  const dismiss = (id: number) => {
    shown.value = shown.value.filter((notice) => notice.id !== id);
  };
  return {
    shown,
    dismiss,
    say(tone, text) {
      lastId += 1;
      const id = lastId;
      shown.value = [...shown.value, { id, tone, text }].slice(-MAX_SHOWN);
      // What went wrong stays until it was read.
      if (tone === 'good') after(GOOD_STAYS_MS, () => dismiss(id));
    },
  };
}
