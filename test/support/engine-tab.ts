import type { Admission, Engine, TabRef } from '../../server/engine/engine.ts';

/** Opens a tab of a login that lives, whatever its token said: an old one changes nothing of that. */
export function openTabOf(engine: Pick<Engine, 'admit'>, { tab, ...login }: TabRef): Promise<Admission> {
  const token = { loginAt: 0, issuedAt: 0, name: null, permissions: [], autoAssign: false };
  return engine.admit({ ...login, ...token }, tab);
}
