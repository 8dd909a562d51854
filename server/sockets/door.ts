import type { ExtendedError, Socket } from 'socket.io';
import type { ConnectErrorCode } from '../../shared/errors.ts';
import type { EndReason } from '../../shared/events.ts';
import type { Clock } from '../clock.ts';
import type { Admission, Engine } from '../engine/engine.ts';
import { createRefusalLog, type RefusalLog } from '../refusal-log.ts';
import { type AgentToken, TokenRefused, type TokenVerifier } from '../tokens.ts';
import { type Connection, Connections, type ConnectionsOptions } from './connection.ts';
import type { SocketCounts, SocketLog } from './counts.ts';
import type { SocketLimits } from './limits.ts';
import { Refusals } from './refusals.ts';

export interface DoorOptions {
  engine: Engine;
  tokens: TokenVerifier;
  connections: Connections;
  clock: Clock;
  limits: SocketLimits;
  counts: SocketCounts;
  log: SocketLog;
  note: RefusalLog;
}

/** Somebody with a good token, about whom the engine is being asked. */
export interface Arrival {
  /** The tab that it opens with its admission, if it is one. */
  readonly tab?: string;
  /** May refuse who was admitted. */
  judge?(admission: Admission & { ok: true }): ConnectErrorCode | null;
  /** It was refused, or has left meanwhile; `admitted`: and its tab is open. */
  abandon?(admitted: boolean): void;
}

/** Who came in, with what the engine said; taken up in the `connection` event. */
export interface Admitted<A extends Arrival = Arrival> {
  token: AgentToken;
  connection: Connection;
  admission: Admission & { ok: true };
  arrival: A;
}

/** Refuses who comes, or awaits the engine's word about them. */
export type Greet = (token: AgentToken, socket: Socket, connection: Connection) => ConnectErrorCode | Arrival;

export type Middleware = (socket: Socket, next: (error?: ExtendedError) => void) => void;

/** A refused connection: `connect_error` with `data: { code, reason? }`. */
class Refused extends Error {
  readonly data: { code: ConnectErrorCode; reason?: EndReason };
  constructor(code: ConnectErrorCode, reason?: EndReason) {
    super(code);
    this.name = 'Refused';
    this.data = reason === undefined ? { code } : { code, reason };
  }
}

/** Refusals of tokens that were good once. */
const STALE: ReadonlySet<ConnectErrorCode> = new Set(['token_expired', 'session_ended']);

/** Lets sockets of both namespaces in, or says why not. */
export class Door {
  readonly #options: DoorOptions;
  readonly #refusals: Refusals;
  #closed = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#refusals = new Refusals(
      () => options.clock.monotonic(),
      (what) => options.counts.dropped(what),
    );
  }

  /** From now on everybody is sent elsewhere: this node is going away. */
  close(): void {
    this.#closed = true;
  }

  /**
   * The middleware of a namespace, which may refuse who has a good token (`greet`). Who is admitted and comes in is taken
   * up, with `socket.data`, in the `connection` event.
   */
  guard(greet: Greet): Middleware {
    return (socket, next) => {
      const { connections } = this.#options;
      const connection = connections.of(socket);
      const namespace = socket.nsp.name;
      // A second CONNECT while the first is being judged: no client of ours does that, and each costs an admission.
      if (connection.namespaces.includes(namespace)) {
        connection.dropFor('impatient_connection');
        return next(new Refused('rate_limited'));
      }
      connection.enter(namespace);
      this.#admit(socket, connection, greet).then(
        (admitted) => {
          socket.data = admitted;
          next();
          // Where the connection has closed meanwhile, there is no event, and nobody took it up.
          setImmediate(() => {
            if (socket.data === admitted) admitted.arrival.abandon?.(true);
          });
        },
        (error: unknown) => {
          connection.leave(namespace);
          next(this.#answer(error, socket, connection));
        },
      );
    };
  }

  async #admit(socket: Socket, connection: Connection, greet: Greet): Promise<Admitted> {
    if (this.#closed) throw new Refused('unavailable');
    if (!connection.originAllowed) throw new Refused('origin_denied');
    const token = await this.#verify(socket);
    const known = this.#refusals.endOf(token.login);
    if (known !== undefined) throw new Refused('session_ended', known);
    const arrival = greet(token, socket, connection);
    if (typeof arrival === 'string') throw new Refused(arrival);
    let admitted = false;
    try {
      const admission = await this.#ask(token, arrival.tab);
      admitted = true;
      const code = arrival.judge?.(admission) ?? null;
      if (code !== null) throw new Refused(code);
      return { token, connection, admission, arrival };
    } catch (error) {
      // Where the engine could not be reached, nobody knows how far it got: it finds such tabs by itself.
      arrival.abandon?.(admitted);
      throw error;
    }
  }

  async #verify(socket: Socket): Promise<AgentToken> {
    const { tokens, engine } = this.#options;
    const token = await tokens.verify(socket.handshake.auth?.token, () => engine.now());
    // A service speaks for no agent: it has no tabs and watches nothing.
    if (token.kind === 'service') throw new TokenRefused('token_invalid', 'A service token opens no socket.');
    return token;
  }

  async #ask({ login }: AgentToken, tab: string | undefined): Promise<Admission & { ok: true }> {
    const admission = await this.#options.engine.admit(login, tab);
    if (admission.ok) return admission;
    if (admission.code === 'token_invalid')
      throw new TokenRefused(admission.code, 'This sid belongs to another agent.');
    this.#refusals.remember(login, admission.reason);
    throw new Refused('session_ended', admission.reason);
  }

  #answer(error: unknown, socket: Socket, connection: Connection): Refused {
    const refused = this.#refusal(error);
    const { code } = refused.data;
    const isWithinLimit = this.#isWithinLimit(code, connection.address);
    const told = isWithinLimit ? code : 'rate_limited';
    this.#options.counts.refused(told);
    if (code !== 'unavailable') {
      const reason =
        told === 'token_invalid' && error instanceof TokenRefused ? { reason: error.message } : {};
      const { origin } = socket.handshake.headers;
      const namespace = socket.nsp.name;
      this.#options.note(connection.address, { code: told, ...reason, origin, namespace }, 'refused');
    }
    if (isWithinLimit) return refused;
    // Once it has its answer; the next attempt is to cost it a connection.
    setImmediate(() => connection.closeIfUnused());
    return new Refused('rate_limited');
  }

  #isWithinLimit(code: ConnectErrorCode, address: string): boolean {
    const { refusals, staleRefusals } = this.#options.limits;
    // Ours to answer for, not theirs.
    if (code === 'unavailable') return true;
    return STALE.has(code)
      ? this.#refusals.count(address, 'stale', staleRefusals)
      : this.#refusals.count(address, 'bad', refusals);
  }

  #refusal(error: unknown): Refused {
    if (error instanceof Refused) return error;
    if (error instanceof TokenRefused) return new Refused(error.code);
    if ((error as { code?: unknown }).code !== 'unavailable') {
      this.#options.log.error({ err: error }, 'a socket could not be admitted');
    }
    return new Refused('unavailable');
  }
}

/** The door of both namespaces: they may share a connection. */
export function createDoor(options: Omit<DoorOptions & ConnectionsOptions, 'connections' | 'note'>): Door {
  const note = createRefusalLog(options.log, options.clock);
  return new Door({ ...options, note, connections: new Connections({ ...options, note }) });
}
