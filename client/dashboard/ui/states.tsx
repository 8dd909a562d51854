import type { ComponentChildren } from 'preact';
import { ApiError } from '../core/api.ts';
import { texts } from '../texts.ts';
import { Icon } from './icons.tsx';

/** What stands in the place of content: nothing there yet, nothing to see, or something went wrong. */
export function Placard(props: {
  icon: string;
  title: string;
  text?: string;
  children?: ComponentChildren;
  level?: 1 | 2;
}) {
  const Heading = props.level === 1 ? 'h1' : 'h2';
  return (
    <div class="placard">
      <span class="placard-icon">
        <Icon name={props.icon} />
      </span>
      <Heading>{props.title}</Heading>
      {props.text !== undefined && <p>{props.text}</p>}
      {props.children}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry(): void }) {
  return (
    <div role="alert">
      <Placard icon="cloud" title={texts.error.title} text={errorText(error)}>
        <button type="button" class="button" onClick={onRetry}>
          {texts.error.retry}
        </button>
      </Placard>
    </div>
  );
}

export function Skeleton({ label, lines }: { label: string; lines: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="unseen">{label}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one is as good as another
        <span key={line} class="bone" aria-hidden="true" />
      ))}
    </div>
  );
}

/** What an error means to a person. */
export function errorText(error: unknown): string {
  const code = error instanceof ApiError ? error.code : 'unavailable';
  const known = (texts.error as Record<string, unknown>)[code];
  return typeof known === 'string' ? known : texts.error.other(code);
}
