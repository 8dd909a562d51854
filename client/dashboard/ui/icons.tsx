import type { JSX } from 'preact';

/** Every state has a shape of its own: none is told by its colour alone. */
const SHAPES: Record<string, JSX.Element> = {
  active: <circle cx="8" cy="8" r="6" fill="currentColor" />,
  idle: (
    <>
      <circle cx="8" cy="8" r="5.2" class="line" />
      <path d="M8 2.8a5.2 5.2 0 0 1 0 10.400z" fill="currentColor" />
    </>
  ),
  background: (
    <>
      <rect x="2.5" y="5" width="8.5" height="8.5" rx="1.8" class="line" />
      <path d="M5.5 2.500h6.200a1.8 1.8 0 0 1 1.8 1.800v6.2" class="line" />
    </>
  ),
  offline: (
    <>
      <circle cx="8" cy="8" r="5.2" class="line dashed" />
      <path d="M5 11l6-6" class="line" />
    </>
  ),
  signed_out: (
    <>
      <path d="M7 2.800H4.500A1.5 1.5 0 0 0 3 4.300v7.400a1.5 1.5 0 0 0 1.5 1.500H7" class="line" />
      <path d="M6.5 8h7M11 5.2 13.8 8 11 10.8" class="line" />
    </>
  ),
  warned: (
    <>
      <path d="M8 1.8 14.8 13.600H1.200z" fill="currentColor" />
      <path d="M8 6v3.600M8 11.400v.4" class="cut" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.5" class="line" />
      <path d="m10.5 10.5 3.5 3.5" class="line" />
    </>
  ),
  close: <path d="m4 4 8 8m0-8-8 8" class="line" />,
  chevron: <path d="m6 3.5 4.5 4.500L6 12.5" class="line" />,
  up: <path d="M8 12.500v-9M4.2 7 8 3.2 11.8 7" class="line" />,
  down: <path d="M8 3.500v9M4.2 9 8 12.8 11.8 9" class="line" />,
  check: <path d="m3 8.5 3.3 3.300L13 4.8" class="line" />,
  lock: (
    <>
      <rect x="3" y="7" width="10" height="7" rx="1.5" class="line" />
      <path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2" class="line" />
    </>
  ),
  people: (
    <>
      <circle cx="6" cy="5.5" r="2.5" class="line" />
      <path
        d="M1.5 13.500c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 3.200a2.5 2.5 0 0 1 0 4.600M12 9.800c1.6.5 2.6 1.8 2.6 3.7"
        class="line"
      />
    </>
  ),
  list: <path d="M2.5 4h1M6 4h7.500M2.5 8h1M6 8h7.500M2.5 12h1M6 12h7.5" class="line" />,
  out: (
    <>
      <path d="M7 2.800H4.500A1.5 1.5 0 0 0 3 4.300v7.400a1.5 1.5 0 0 0 1.5 1.500H7" class="line" />
      <path d="M6.5 8h7M11 5.2 13.8 8 11 10.8" class="line" />
    </>
  ),
  download: <path d="M8 2.500v7.500M4.8 7 8 10.2 11.2 7M3 13.500h10" class="line" />,
  cloud: (
    <>
      <path d="M4.5 12.500a3 3 0 0 1-.3-6 4 4 0 0 1 7.6.6 2.7 2.7 0 0 1-.3 5.400z" class="line" />
      <path d="m2 2 12 12" class="line" />
    </>
  ),
};

export function Icon({ name, class: className = '' }: { name: string; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[name] ?? SHAPES.offline}
    </svg>
  );
}

export function StateIcon({ state }: { state: string }) {
  return <Icon name={state} class={`state-icon is-${state}`} />;
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M5 16c3-5 7-7.5 11-7.500S24 11 27 16c-3 5-7 7.5-11 7.500S8 21 5 16Z" />
      <circle cx="16" cy="16" r="4" />
    </svg>
  );
}
