import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useBoard } from '../board.ts';
import { clockTime, exactTime } from '../core/moments.ts';
import { texts } from '../texts.ts';
import { Moment } from '../ui/moment.tsx';
import { type HistoryRange, useHistory } from './history.ts';
import { createPlot, type Plot } from './plot.ts';
import { COUNTED } from './states.ts';
import type { CountPoint } from './trail.ts';

const SPAN_MS: Record<HistoryRange, number> = { hour: 3_600_000, day: 86_400_000 };
const TABLE_ROWS = 25;
/** With fewer points, there is nothing to see yet: a minute each. */
const FEW_POINTS = 5;

/** How many were in which state over the last hour or day. */
export function StatesChart() {
  const { now } = useBoard();
  const [range, setRange] = useState<HistoryRange>('hour');
  const [read, setRead] = useState<CountPoint | null>(null);
  const { points, source, recorded, stepMs } = useHistory(range);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const wasEmpty = useWasEmpty(recorded);
  const isShown = chosen ?? !wasEmpty;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  // Once a minute is often enough for the axis to move on; new points move it, too.
  const to = Math.max(points.at(-1)?.at ?? 0, Math.floor(now.value / 60_000) * 60_000);

  useEffect(() => {
    const made = createPlot(box.current!, setRead);
    plot.current = made;
    const sizes = new ResizeObserver(([entry]) => entry && made.resize(entry.contentRect.width));
    sizes.observe(box.current!);
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', made.repaint);
    return () => {
      sizes.disconnect();
      scheme.removeEventListener('change', made.repaint);
      made.destroy();
    };
  }, []);
  useEffect(() => plot.current?.show(points, to - SPAN_MS[range], to, stepMs), [points, range, to, stepMs]);

  const first = points[0];
  return (
    <section class="chart" aria-labelledby="chart-title">
      <header>
        <h2 id="chart-title">{texts.chart.title}</h2>
        <fieldset class="segments" aria-label={texts.chart.range}>
          {(['hour', 'day'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={range === one} onClick={() => setRange(one)}>
              {texts.chart[one]}
            </button>
          ))}
        </fieldset>
      </header>
      {isShown && <ChartLegend point={read} />}
      <div
        hidden={!isShown}
        class="plot"
        ref={box}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the reading line
        tabIndex={0}
        aria-label={texts.chart.label}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          plot.current?.move(by);
        }}
      />
      <footer class="quiet small">
        {first === undefined ? (
          texts.chart.empty
        ) : (
          <span title={exactTime(first.at)}>
            {(source === 'server' ? texts.chart.fromServer : texts.chart.fromPage)(
              clockTime(first.at, now.value),
            )}
          </span>
        )}
        <span class="chart-ways">
          <button
            type="button"
            class="plain link"
            aria-expanded={isShown}
            onClick={() => setChosen(!isShown)}
          >
            {isShown ? texts.chart.hide : texts.chart.show}
          </button>
          <AsTable points={points} />
        </span>
      </footer>
    </section>
  );
}

/**
 * Whether there was next to nothing to draw when the page was opened: an empty chart would push the list out of sight. What
 * comes later moves nothing under somebody's hand: it stays as it was, until they show it or come back.
 */
function useWasEmpty(recorded: number | null): boolean {
  const first = useRef<boolean | null>(null);
  if (recorded !== null) first.current ??= recorded < FEW_POINTS;
  return first.current ?? false;
}

/** The legend says the figures of the moment that is read, else those of now. */
function ChartLegend({ point }: { point: CountPoint | null }) {
  const { now, roster } = useBoard();
  const counts = point ?? roster.counts.value;
  return (
    <div class="chart-legend">
      <ul>
        {COUNTED.map((state) => (
          <li key={state}>
            <span class={`swatch stretch is-${state}`} aria-hidden="true" />
            {texts.state[state]} <strong>{texts.number(counts[state])}</strong>
          </li>
        ))}
      </ul>
      <span class="quiet">
        {point === null ? texts.chart.now : texts.chart.summary(clockTime(point.at, now.value))}
      </span>
    </div>
  );
}

function AsTable({ points }: { points: readonly CountPoint[] }) {
  const { now } = useBoard();
  const [open, setOpen] = useState(false);
  const rows = useMemo(() => (open ? thin(points) : []), [open, points]);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{texts.chart.asTable}</summary>
      <div class="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.chart.time}</th>
              {COUNTED.map((state) => (
                <th key={state} scope="col">
                  {texts.state[state]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((point) => (
              <tr key={point.at}>
                <th scope="row">
                  <Moment at={point.at}>{clockTime(point.at, now.value)}</Moment>
                </th>
                {COUNTED.map((state) => (
                  <td key={state}>{texts.number(point[state])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Evenly spread over the range, the newest first. */
function thin(points: readonly CountPoint[]): CountPoint[] {
  const step = Math.max(1, Math.ceil(points.length / TABLE_ROWS));
  return points.filter((_, index) => (points.length - 1 - index) % step === 0).reverse();
}
