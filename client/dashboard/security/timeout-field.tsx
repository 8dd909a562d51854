import { longDuration } from '../core/moments.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import { amountOf, type PolicyBody, type PolicyDraft, presetsFor, unitsFor } from './policy-form.ts';

/** The timeout as value and unit, with what is allowed beside it, and suggestions with their reasons. */
export function TimeoutField(props: {
  policy: PolicyBody;
  draft: PolicyDraft;
  problem: string | null;
  onEdit(change: Partial<PolicyDraft>): void;
}) {
  const { policy, draft, problem, onEdit } = props;
  const words = texts.security;
  const { minSeconds, maxSeconds } = policy.limits;
  return (
    <>
      <div class="duration">
        <label>
          <span>{words.value}</span>
          <input
            type="text"
            inputMode="numeric"
            autocomplete="off"
            maxLength={9}
            value={draft.value}
            aria-invalid={problem !== null}
            aria-describedby="timeout-range timeout-problem"
            onInput={(event) => onEdit({ value: event.currentTarget.value })}
          />
        </label>
        <label>
          <span>{words.unit}</span>
          <select
            value={draft.unit}
            onChange={(event) => onEdit({ unit: Number(event.currentTarget.value) })}
          >
            {unitsFor(policy, draft).map((unit) => (
              <option key={unit} value={unit}>
                {words.units[unit]}
              </option>
            ))}
          </select>
        </label>
        <p id="timeout-range" class="quiet">
          {words.range(longDuration(minSeconds), longDuration(maxSeconds))}
        </p>
      </div>
      <p id="timeout-problem" class="problem" role="alert">
        {problem}
      </p>
      <fieldset class="presets">
        <legend>{words.presets}</legend>
        {presetsFor(policy).map(({ seconds, title, why }) => {
          const current = Number(draft.value) * draft.unit === seconds;
          return (
            <button
              key={seconds}
              type="button"
              class="preset"
              aria-pressed={current}
              onClick={() => onEdit(amountOf(seconds))}
            >
              <span class="preset-title">
                {title}
                {current && <Icon name="check" />}
              </span>
              <small>{why}</small>
            </button>
          );
        })}
      </fieldset>
    </>
  );
}
