import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  type VirtualItem,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

export interface VirtualRows {
  rows: VirtualItem[];
  height: number;
  /** Where the list begins in the page. */
  margin: number;
  show(index: number): void;
}

/** Only the rows that can be seen, of a list that the page as a whole scrolls; and always the one at `keep`. */
export function useVirtualRows(options: {
  list: RefObject<HTMLElement | null>;
  count: number;
  rowHeight: number;
  /** What sticks to the top of the window and covers rows there. */
  covered: number;
  keep: number | null;
}): VirtualRows {
  const { list, count, rowHeight, covered, keep } = options;
  const [, redraw] = useReducer((drawn: number, _: null) => drawn + 1, 0);
  const [margin, setMargin] = useState(0);
  const virtualizer = useRef<Virtualizer<Window, HTMLElement>>(null);

  const settings = {
    count,
    getScrollElement: () => window,
    estimateSize: () => rowHeight,
    scrollToFn: windowScroll,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    overscan: 6,
    scrollMargin: margin,
    scrollPaddingStart: covered,
    rangeExtractor(range: Parameters<typeof defaultRangeExtractor>[0]) {
      const shown = defaultRangeExtractor(range);
      if (keep === null || keep >= count || shown.includes(keep)) return shown;
      return keep < shown[0]! ? [keep, ...shown] : [...shown, keep];
    },
    onChange: () => redraw(null),
  };
  virtualizer.current ??= new Virtualizer<Window, HTMLElement>(settings);
  const current = virtualizer.current;
  current.setOptions(settings);

  useEffect(() => current._didMount(), [current]);
  useLayoutEffect(() => current._willUpdate());
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useLayoutEffect(() => current.measure(), [current, rowHeight]);
  useLayoutEffect(() => {
    const measure = (): void => {
      if (list.current === null) return;
      setMargin(Math.round(list.current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [list]);

  return {
    rows: current.getVirtualItems(),
    height: current.getTotalSize(),
    margin,
    show: (index) => current.scrollToIndex(index, { align: 'auto' }),
  };
}

/** Whether the window is at most so wide; follows it. */
export function useNarrow(query: string): boolean {
  const [narrow, setNarrow] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const media = window.matchMedia(query);
    const follow = () => setNarrow(media.matches);
    follow();
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, [query]);
  return narrow;
}
