import { WebSocket, WebSocketServer } from 'ws';
import type { Dropped, OnDropped } from './dropped.ts';

/** A message of ours is small, and comes in a few pieces at most, however the network cuts it. */
const LIMITS = { maxFragments: 32, maxBufferedChunks: 1_024, maxPendingAutoPongs: 256 };
/** What is dropped, by the error that says so. */
const DROPPED_BY: Record<string, Dropped> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'large_message',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'fragmented_message',
};

/** Counts what a connection sent. */
export interface FrameCounter {
  packet(payload: unknown): void;
}

/** A WebSocket, of which pings and pongs are to be counted: no browser sends them, so they are packets like any other. */
export interface FrameSource {
  connection: FrameCounter | undefined;
}

type ServerLimits = ConstructorParameters<typeof WebSocketServer>[0];

/** The WebSocket server with the bounds of ours, which says when they are hit. */
export function limitedWebSocketServer(onDropped: OnDropped): new (options: ServerLimits) => WebSocketServer {
  /** Watches its own events: a listener for each would be several objects for every tab. */
  class LimitedWebSocket extends WebSocket implements FrameSource {
    connection: FrameCounter | undefined;

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event === 'ping' || event === 'pong') this.connection?.packet(undefined);
      else if (event === 'error') {
        const what = DROPPED_BY[(args[0] as { code?: string }).code ?? ''];
        if (what !== undefined) onDropped(what);
      }
      return super.emit(event, ...args);
    }
  }
  return class extends WebSocketServer {
    constructor(options: ServerLimits) {
      super({ ...options, ...LIMITS, WebSocket: LimitedWebSocket });
    }
  };
}
