import { useState } from 'preact/hooks';
import { useBoard } from '../board.ts';
import { texts } from '../texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { signOut } from './actions.ts';

const NAMED = 8;

/** Asks before anybody is signed out, and says what will happen. */
export function SignOutDialog({ ids, onClose }: { ids: string[]; onClose(done: boolean): void }) {
  const board = useBoard();
  const { roster, claims } = board;
  const [done, setDone] = useState<number | null>(null);
  const words = texts.action;
  const names = ids.map((id) => board.nameOf(id));
  const title = words.signOutTitle(ids.length, names[0] ?? '');
  const assigned = ids.some((id) => roster.agents.get(id)?.available !== null);

  async function confirm(): Promise<void> {
    setDone(0);
    await signOut(board, ids, setDone);
    onClose(true);
  }

  return (
    <Dialog
      label={title}
      class="ask"
      role="alertdialog"
      describedBy="sign-out-effect"
      onClose={() => done === null && onClose(false)}
    >
      <h2>{title}</h2>
      {ids.length > 1 && (
        <p class="names">
          {texts.list([
            ...names.slice(0, NAMED),
            ...(names.length > NAMED ? [texts.agents(names.length - NAMED)] : []),
          ])}
        </p>
      )}
      <div id="sign-out-effect" class="effects">
        {claims.value !== null && ids.includes(claims.value.agent) && (
          <p class="strong">{words.signOutYou}</p>
        )}
        <p>{words.signOutEffect(ids.length)}</p>
        {assigned && <p>{words.signOutAssignment(ids.length)}</p>}
        <p>{words.signOutAudit}</p>
      </div>
      <div class="buttons">
        <button type="button" class="button" disabled={done !== null} onClick={() => onClose(false)}>
          {words.cancel}
        </button>
        <button type="button" class="button danger" disabled={done !== null} onClick={() => void confirm()}>
          {done === null ? words.signOutDo(ids.length) : words.working(done, ids.length)}
        </button>
      </div>
    </Dialog>
  );
}
