import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface DialogProps {
  label: string;
  class?: string;
  onClose(): void;
  children: ComponentChildren;
  /** Of somebody who has to answer a question. */
  role?: 'dialog' | 'alertdialog';
  describedBy?: string;
}

/** A modal of the browser's own: it keeps the focus inside, closes with Escape, and gives the focus back. */
export function Dialog({ label, class: className, onClose, children, role, describedBy }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current!;
    const before = document.activeElement as HTMLElement | null;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before?.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog; the click beside it is only a shortcut
    <dialog
      ref={ref}
      class={className}
      aria-label={label}
      role={role}
      aria-describedby={describedBy}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
