import { useEffect, useState } from 'preact/hooks';
import { useBoard } from '../board.ts';
import { texts } from '../texts.ts';
import { Placard, Skeleton } from '../ui/states.tsx';
import { AgentDrawer } from './agent-drawer.tsx';
import { AgentGrid } from './agent-grid.tsx';
import { StatesChart } from './chart.tsx';
import { addressOf, type DeskView } from './desk-view.ts';
import { SignOutDialog } from './sign-out-dialog.tsx';
import { CountFilters, SelectionBar, Toolbar } from './toolbar.tsx';

/** Who is here, who is not, and who is about to be signed out. */
export function PresencePage({ desk }: { desk: DeskView }) {
  const { navigation } = useBoard();
  const [asking, setAsking] = useState<string[] | null>(null);
  const open = desk.open.value;
  const view = desk.view.value;
  useEffect(() => navigation.remember('presence', addressOf(view, open)), [navigation, view, open]);

  return (
    <>
      <header class="page-head">
        <h1>{texts.presence.title}</h1>
        <p class="quiet">{texts.presence.lead}</p>
      </header>
      <CountFilters desk={desk} />
      <StatesChart />
      <section class="list" aria-label={texts.presence.gridLabel}>
        <Toolbar desk={desk} />
        <List desk={desk} />
        <SelectionBar desk={desk} onSignOut={setAsking} />
      </section>
      {open !== null && (
        <AgentDrawer
          key={open}
          id={open}
          onSignOut={setAsking}
          onClose={() => {
            desk.open.value = null;
          }}
        />
      )}
      {asking !== null && (
        <SignOutDialog
          ids={asking}
          onClose={(done) => {
            if (done) desk.select(asking, false);
            setAsking(null);
          }}
        />
      )}
    </>
  );
}

function List({ desk }: { desk: DeskView }) {
  const { roster } = useBoard();
  roster.version.value;
  if (roster.status.value === 'unreachable')
    return <Placard icon="cloud" title={texts.error.offline} text={texts.link.unreachable} />;
  if (roster.status.value === 'loading' && roster.agents.size === 0)
    return <Skeleton label={texts.presence.loading} lines={8} />;
  if (roster.agents.size === 0)
    return <Placard icon="people" title={texts.presence.emptyTitle} text={texts.presence.emptyText} />;
  if (desk.ids.value.length > 0) return <AgentGrid desk={desk} />;
  return (
    <Placard icon="search" title={texts.presence.noMatchTitle} text={texts.presence.noMatchText}>
      <button type="button" class="button" onClick={() => desk.change({ filter: null, search: '' })}>
        {texts.presence.resetFilters}
      </button>
    </Placard>
  );
}
