import type { VigilEvent } from '../../../shared/events.ts';
import type { TrailStretch } from '../../../shared/presence.ts';
import { useBoard } from '../board.ts';
import { clockTime } from '../core/moments.ts';
import { texts } from '../texts.ts';
import { drawRibbon, type RibbonPart } from './ribbon.ts';
import { stateName } from './states.ts';

const DAY_MS = 86_400_000;
const MARKS = [24, 18, 12, 6, 0];

/** The last 24 hours of an agent as a ribbon, with what it is drawn from said beneath. */
export function Ribbon(props: {
  id: string;
  events: VigilEvent[] | null;
  recorded: TrailStretch[];
  live: boolean;
}) {
  const { id, events, recorded, live } = props;
  const { roster, now } = useBoard();
  const at = now.value;
  roster.row(id).value;
  const seen = roster.trail.of(id);
  const known = { events: events ?? [], recorded, seen, live: live && events !== null };
  const parts = drawRibbon(known, at);
  const states = [...new Set(parts.map((part) => part.state))];
  const start = at - DAY_MS;
  const name = (state: string) => (state === 'signed_in' ? texts.drawer.signedIn : stateName(state));
  const describe = ({ state, from, until }: RibbonPart) =>
    texts.drawer.ribbonPart(
      name(state),
      clockTime(from, at),
      until >= at ? texts.drawer.untilNow : clockTime(until, at),
    );

  return (
    <div class="ribbon-box">
      <div
        class="ribbon"
        role="img"
        aria-label={`${texts.drawer.ribbonLabel}: ${texts.list(parts.map(describe))}`}
      >
        {parts.map((part) => (
          <span
            key={`${part.from}-${part.state}`}
            class={`stretch is-${part.state}`}
            title={describe(part)}
            style={{
              left: `${((part.from - start) / DAY_MS) * 100}%`,
              width: `max(2px, ${((part.until - part.from) / DAY_MS) * 100}%)`,
            }}
          />
        ))}
      </div>
      <div class="ribbon-scale" aria-hidden="true">
        {MARKS.map((hours) => (
          <span key={hours}>{hours === 0 ? texts.drawer.untilNow : clockOnly(at - hours * 3_600_000)}</span>
        ))}
      </div>
      <ul class="legend" aria-hidden="true">
        {states.map((state) => (
          <li key={state}>
            <span class={`swatch stretch is-${state}`} />
            {name(state)}
          </li>
        ))}
      </ul>
      <p class="quiet small">{recorded.length > 0 ? texts.drawer.ribbonSource : texts.drawer.ribbonNew}</p>
    </div>
  );
}

function clockOnly(at: number): string {
  return clockTime(at, at);
}
