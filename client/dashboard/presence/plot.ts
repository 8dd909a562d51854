import uPlot from 'uplot';
import { COUNTED } from './states.ts';
import type { CountPoint } from './trail.ts';

/** The chart of states over time: stacked, each state with a pattern of its own. */
export interface Plot {
  /** `stepMs`: how far apart points are where nothing is missing. */
  show(points: readonly CountPoint[], from: number, to: number, stepMs: number): void;
  resize(width: number): void;
  /** Moves the reading line by so many points. */
  move(by: number): void;
  repaint(): void;
  destroy(): void;
}

export const PLOT_HEIGHT = 168;

export function createPlot(target: HTMLElement, onRead: (point: CountPoint | null) => void): Plot {
  let points: readonly Drawn[] = [];
  let range: [number, number] = [0, 1];
  let paints = readPaints(target);
  const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const axis = {
    stroke: () => paints.text,
    grid: { stroke: () => paints.grid, width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };

  const plot = new uPlot(
    {
      width: Math.max(200, target.clientWidth),
      height: PLOT_HEIGHT,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
      scales: {
        x: { time: true, range: () => range },
        y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] },
      },
      axes: [
        { ...axis, space: 80, size: 26, values: (_, splits) => splits.map((at) => clock.format(at * 1000)) },
        {
          ...axis,
          size: 52,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000],
        },
      ],
      series: [
        {},
        // From the top of the stack downwards: each is filled down to the next.
        ...[...COUNTED].reverse().map((state) => ({
          label: state,
          stroke: () => paints.lines[state]!,
          width: 1.5,
          points: { show: false },
          fill: () => paints.fills[state]!,
        })),
      ],
      bands: [1, 2, 3].map((upper) => ({ series: [upper, upper + 1] as [number, number] })),
      hooks: { setCursor: [(self) => onRead(readAt(self.cursor.idx))] },
    },
    stack([]),
    target,
  );

  function readAt(index: number | null | undefined): CountPoint | null {
    const point = points[index ?? -1];
    return point !== undefined && 'active' in point ? point : null;
  }

  return {
    show(next, from, to, stepMs) {
      points = withGaps(next, stepMs);
      range = [from / 1000, to / 1000];
      plot.setData(stack(points), true);
    },
    resize(width) {
      plot.setSize({ width: Math.max(200, width), height: PLOT_HEIGHT });
    },
    move(by) {
      if (points.length === 0) return;
      let index = Math.min(points.length - 1, Math.max(0, (plot.cursor.idx ?? points.length) + by));
      if (readAt(index) === null) index += by;
      const left = plot.valToPos((points[index]?.at ?? points.at(-1)!.at) / 1000, 'x');
      plot.setCursor({ left, top: PLOT_HEIGHT / 2 });
    },
    repaint() {
      paints = readPaints(target);
      plot.redraw(false);
    },
    destroy: () => plot.destroy(),
  };
}

/** A point, or a moment at which nothing is known. */
type Drawn = CountPoint | { at: number };

const GAP_STEPS = 3;

/** Where nobody counted for so long, nothing is drawn. */
function withGaps(points: readonly CountPoint[], stepMs: number): Drawn[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const gap = before !== undefined && point.at - before.at > stepMs * GAP_STEPS;
    return gap ? [{ at: before.at + 1 }, point] : [point];
  });
}

/** Times in seconds, then the height of each line: the states of it and below it together. */
function stack(points: readonly Drawn[]): uPlot.AlignedData {
  const sums = COUNTED.map((_, upTo) =>
    points.map((point) =>
      'active' in point ? COUNTED.slice(0, upTo + 1).reduce((sum, state) => sum + point[state], 0) : null,
    ),
  );
  return [points.map((point) => point.at / 1000), ...sums.reverse()];
}

interface Paints {
  text: string;
  grid: string;
  lines: Record<string, string>;
  fills: Record<string, CanvasPattern | string>;
}

function readPaints(element: HTMLElement): Paints {
  const color = (name: string): string => {
    const probe = document.createElement('span');
    probe.style.color = `var(${name})`;
    element.append(probe);
    const { color: read } = getComputedStyle(probe);
    probe.remove();
    return read;
  };
  const entries = COUNTED.map((state) => [state, color(`--state-${state}`)] as const);
  return {
    text: color('--muted'),
    grid: color('--line'),
    lines: Object.fromEntries(entries),
    fills: Object.fromEntries(entries.map(([state, paint]) => [state, pattern(state, paint)])),
  };
}

const TILE = 8;

/** Active is full, idle is hatched, background is dotted, offline is all but empty: told apart without colour. */
function pattern(state: string, paint: string): CanvasPattern | string {
  const ratio = Math.max(1, Math.round(window.devicePixelRatio));
  const tile = document.createElement('canvas');
  tile.width = tile.height = TILE * ratio;
  const pen = tile.getContext('2d');
  if (pen === null) return paint;
  pen.scale(ratio, ratio);
  pen.fillStyle = pen.strokeStyle = paint;
  pen.globalAlpha = state === 'active' ? 0.62 : 0.13;
  pen.fillRect(0, 0, TILE, TILE);
  pen.globalAlpha = 0.85;
  pen.lineWidth = 1.4;
  if (state === 'idle') {
    for (const shift of [-TILE, 0, TILE]) {
      pen.moveTo(shift - 1, TILE + 1);
      pen.lineTo(shift + TILE + 1, -1);
    }
    pen.stroke();
  } else if (state === 'background') {
    for (const [x, y] of [
      [2, 2],
      [6, 6],
    ] as const) {
      pen.beginPath();
      pen.arc(x, y, 1.1, 0, 7);
      pen.fill();
    }
  }
  return pen.createPattern(tile, 'repeat') ?? paint;
}
