import { useBoard } from '../board.ts';
import { agoOrClock, longDuration } from '../core/moments.ts';
import { texts } from '../texts.ts';
import { Moment } from '../ui/moment.tsx';
import { errorText, Failed, Skeleton } from '../ui/states.tsx';
import { caution, judgeDraft, type PolicyBody } from './policy-form.ts';
import { TimeoutField } from './timeout-field.tsx';
import { type PolicyEditing, usePolicy } from './use-policy.ts';
import { usePreview } from './use-preview.ts';

/** Manage › General Settings › Security › Session Security. */
export function SecurityPage() {
  const editing = usePolicy();
  const words = texts.security;
  return (
    <>
      <nav class="crumbs" aria-label={words.crumbsLabel}>
        <ol>
          {words.crumbs.map((crumb) => (
            <li key={crumb}>{crumb}</li>
          ))}
          <li aria-current="page">{words.title}</li>
        </ol>
      </nav>
      <header class="page-head">
        <h1>{words.title}</h1>
        <p class="quiet">{words.lead}</p>
      </header>
      {editing.loadError !== null && <Failed error={editing.loadError} onRetry={editing.load} />}
      {editing.loadError === null && editing.saved === null && <Skeleton label={words.loading} lines={6} />}
      {editing.saved !== null && editing.draft !== null && <PolicyForm editing={editing} />}
    </>
  );
}

function PolicyForm({ editing }: { editing: PolicyEditing }) {
  const { saved, draft, saving, changed, conflict } = editing;
  const words = texts.security;
  const { policy } = saved!;
  const judged = judgeDraft(draft!, policy);
  const timeoutSeconds = judged.ok ? judged.settings.timeoutSeconds : null;
  const warning = timeoutSeconds === null ? null : caution(timeoutSeconds);
  const { agent, requester } = draft!.rememberMe;
  const remember = (change: Partial<typeof policy.rememberMe>) =>
    editing.edit({ rememberMe: { agent, requester, ...change } });

  return (
    <form
      class="settings"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (judged.ok && changed && !saving) void editing.save();
      }}
    >
      {conflict !== null && <Conflict editing={editing} />}
      <section class="card" aria-labelledby="timeout-title">
        <h2 id="timeout-title">{words.timeout}</h2>
        <TimeoutField
          policy={policy}
          draft={draft!}
          problem={judged.ok ? null : judged.problem}
          onEdit={editing.edit}
        />
        {warning !== null && (
          <p class="caution" role="status">
            {warning}
          </p>
        )}
        <p class="quiet">{words.perAgent}</p>
        <p class="quiet">{words.warningLead(longDuration(policy.leadSeconds))}</p>
      </section>
      <section class="card" aria-labelledby="remember-title">
        <h2 id="remember-title">{words.remember}</h2>
        <Switch
          label={words.rememberAgent}
          hint={words.rememberAgentHint}
          on={agent}
          onChange={(on) => remember({ agent: on })}
        />
        <Switch
          label={words.rememberRequester}
          hint={words.rememberRequesterHint}
          on={requester}
          onChange={(on) => remember({ requester: on })}
        />
      </section>
      <section class="card effect" aria-labelledby="effect-title">
        <h2 id="effect-title">{words.effect}</h2>
        <Effect policy={policy} timeoutSeconds={timeoutSeconds} changed={changed} />
        {editing.saveError !== null && (
          <p class="problem" role="alert">
            {errorText(editing.saveError)}
          </p>
        )}
        <div class="buttons spread">
          <LastChange policy={policy} />
          <button type="button" class="button" disabled={!changed || saving} onClick={editing.discard}>
            {words.reset}
          </button>
          <button type="submit" class="button primary" disabled={!changed || !judged.ok || saving}>
            {saving ? words.saving : words.save}
          </button>
        </div>
      </section>
    </form>
  );
}

function Effect(props: { policy: PolicyBody; timeoutSeconds: number | null; changed: boolean }) {
  const { policy, timeoutSeconds, changed } = props;
  const words = texts.security;
  const asked = timeoutSeconds !== null && timeoutSeconds !== policy.timeoutSeconds ? timeoutSeconds : null;
  const preview = usePreview(asked, policy.leadSeconds);
  if (preview !== null)
    return (
      <div aria-live="polite">
        <p class="strong">{preview}</p>
        <p class="quiet">{words.effectNote}</p>
      </div>
    );
  const rememberOnly = changed && timeoutSeconds !== null;
  return <p aria-live="polite">{rememberOnly ? words.effectRememberOnly : words.effectUnchanged}</p>;
}

function LastChange({ policy }: { policy: PolicyBody }) {
  const { now, nameOf } = useBoard();
  if (policy.updatedAt === null) return <p class="quiet small">{texts.security.neverChanged}</p>;
  return (
    <p class="quiet small">
      {texts.security.changed(policy.updatedBy === null ? texts.unknown : nameOf(policy.updatedBy))},{' '}
      <Moment at={policy.updatedAt}>{agoOrClock(policy.updatedAt, now.value)}</Moment>
    </p>
  );
}

function Conflict({ editing }: { editing: PolicyEditing }) {
  const { nameOf } = useBoard();
  const { conflict, draft } = editing;
  const words = texts.security;
  const theirs = conflict!.policy;
  const judged = judgeDraft(draft!, theirs);
  const sum = ({ timeoutSeconds, rememberMe }: Pick<PolicyBody, 'timeoutSeconds' | 'rememberMe'>) =>
    words.summary(longDuration(timeoutSeconds), rememberMe.agent, rememberMe.requester);
  return (
    <section class="card conflict" role="alert">
      <h2>{words.conflictTitle}</h2>
      <p>{words.conflictText(theirs.updatedBy === null ? texts.unknown : nameOf(theirs.updatedBy))}</p>
      <dl>
        <div>
          <dt>{words.conflictTheirs}</dt>
          <dd>{sum(theirs)}</dd>
        </div>
        {judged.ok && (
          <div>
            <dt>{words.conflictMine}</dt>
            <dd>{sum(judged.settings)}</dd>
          </div>
        )}
      </dl>
      <div class="buttons">
        <button type="button" class="button" disabled={!judged.ok} onClick={() => void editing.keepMine()}>
          {words.conflictKeep}
        </button>
        <button type="button" class="button primary" onClick={editing.takeTheirs}>
          {words.conflictTake}
        </button>
      </div>
    </section>
  );
}

function Switch(props: { label: string; hint: string; on: boolean; onChange(on: boolean): void }) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        aria-checked={props.on}
        checked={props.on}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>
        {props.label}
        <small>{props.hint}</small>
      </span>
    </label>
  );
}
