import { eventCause, eventName } from '../audit/words.ts';
import { useBoard } from '../board.ts';
import { agoOrClock, clockTime, shortDuration } from '../core/moments.ts';
import { hrefOf } from '../core/place.ts';
import { texts } from '../texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { Moment } from '../ui/moment.tsx';
import { Failed, Skeleton } from '../ui/states.tsx';
import { setAvailability } from './actions.ts';
import { Assignment, StateWithReason, Until } from './agent-row.tsx';
import { type Detail, type LoginShown, useDetail } from './detail.ts';
import { nameOf } from './order.ts';
import { Ribbon } from './ribbon-view.tsx';

const EVENTS_SHOWN = 12;

/** Everything that is known of one agent, beside the list. */
export function AgentDrawer(props: { id: string; onClose(): void; onSignOut(ids: string[]): void }) {
  const { id, onClose, onSignOut } = props;
  const board = useBoard();
  const { roster, claims } = board;
  const state = useDetail(id);
  const live = roster.row(id).value;
  const agent = live ?? (state.kind === 'there' ? state.detail.agent : null);
  const name = agent ? nameOf(agent) : id;
  const manages = claims.value?.manages ?? false;

  return (
    <Dialog label={texts.drawer.label(name)} class="drawer" onClose={onClose}>
      <header class="drawer-head">
        <div>
          <h2>{name}</h2>
          {name !== id && <p class="id">{id}</p>}
        </div>
        <button type="button" class="button icon-only" aria-label={texts.action.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {agent && (
        <div class="drawer-state">
          <StateWithReason agent={agent} />
        </div>
      )}
      {live === undefined && state.kind === 'there' && <p class="note">{texts.drawer.gone}</p>}
      {agent && (
        <dl class="facts">
          <div>
            <dt>{texts.drawer.signOut}</dt>
            <dd>{live ? <Until agent={live} /> : texts.none}</dd>
          </div>
          <div>
            <dt>{texts.drawer.lastActivity}</dt>
            <dd>
              <Moment at={agent.lastActivityAt}>{agoOrClock(agent.lastActivityAt, board.now.value)}</Moment>
            </dd>
          </div>
          <div>
            <dt>{texts.drawer.assignment}</dt>
            <dd>
              <Assignment available={agent.available} />
            </dd>
          </div>
        </dl>
      )}
      {manages && agent && (
        <div class="buttons start">
          {agent.available !== null && (
            <button
              type="button"
              class="button"
              onClick={() => void setAvailability(board, [id], !agent.available).then(state.again)}
            >
              {agent.available ? texts.action.makeUnavailable : texts.action.makeAvailable}
            </button>
          )}
          {live !== undefined && (
            <button type="button" class="button danger" onClick={() => onSignOut([id])}>
              {texts.action.signOut}
            </button>
          )}
        </div>
      )}
      {state.kind === 'loading' && <Skeleton label={texts.presence.loading} lines={5} />}
      {state.kind === 'failed' && <Failed error={state.error} onRetry={state.again} />}
      {state.kind === 'there' && <Known id={id} detail={state.detail} live={live !== undefined} />}
    </Dialog>
  );
}

function Known({ id, detail, live }: { id: string; detail: Detail; live: boolean }) {
  return (
    <>
      <section>
        <h3>{texts.drawer.ribbon}</h3>
        <Ribbon id={id} events={detail.events} recorded={detail.recorded} live={live} />
      </section>
      {detail.logins.length > 0 && (
        <section>
          <h3>{texts.drawer.sessions}</h3>
          <ul class="logins">
            {detail.logins.map((login) => (
              <Login key={login.session} login={login} />
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>{texts.drawer.events}</h3>
        <LastEvents id={id} detail={detail} />
      </section>
    </>
  );
}

function Login({ login }: { login: LoginShown }) {
  const { now } = useBoard();
  const at = now.value;
  return (
    <li>
      <p>
        {texts.drawer.sessionStarted} <Moment at={login.startedAt}>{agoOrClock(login.startedAt, at)}</Moment>
        <span class="id" title={login.session}>
          {login.session.slice(0, 8)}
        </span>
      </p>
      {login.tabs.length === 0 && <p class="quiet small">{texts.drawer.noTabs}</p>}
      <ul class="tabs-open">
        {login.tabs.map((tab, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: tabs have no name of their own here
          <li key={index} class={tab.visible ? 'shown-tab' : ''}>
            <Icon
              name={tab.visible ? 'active' : 'background'}
              class={tab.visible ? 'is-active' : 'is-background'}
            />
            {tab.visible ? texts.drawer.tabVisible : texts.drawer.tabHidden}
            <span class="quiet">{texts.drawer.since(shortDuration(at - tab.since))}</span>
          </li>
        ))}
      </ul>
    </li>
  );
}

function LastEvents({ id, detail }: { id: string; detail: Detail }) {
  const { now, nameOf: named } = useBoard();
  if (detail.events === null) return <p class="quiet">{texts.drawer.needsAudit}</p>;
  if (detail.events.length === 0) return <p class="quiet">{texts.drawer.noEvents}</p>;
  return (
    <>
      <ol class="events">
        {detail.events.slice(0, EVENTS_SHOWN).map((event) => {
          const cause = eventCause(event, now.value, named);
          return (
            <li key={event.id}>
              <Moment at={event.at}>{clockTime(event.at, now.value)}</Moment>
              <span>
                <strong>{eventName(event.type)}</strong>
                {cause !== '' && <span class="quiet">{cause}</span>}
              </span>
            </li>
          );
        })}
      </ol>
      <a href={hrefOf('audit', { agent: id })}>{texts.drawer.allEvents}</a>
    </>
  );
}
