import type { PresenceDisplay } from '../../shared/presence.ts';
import { NO_COUNTS } from './counts.ts';
import { createDoor } from './door.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { PresenceGateway } from './presence-gateway.ts';
import { createTabGateway, type TabGateway, type TabGatewayOptions } from './tab-gateway.ts';

export interface SocketGatewaysOptions extends Omit<TabGatewayOptions, 'door' | 'onTabs'> {
  /** What decides between the states that dashboards show. */
  display: PresenceDisplay;
}

/** The sockets of both namespaces, tabs and dashboards, behind one door. */
export function createSocketGateways(options: SocketGatewaysOptions): TabGateway {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const counts = options.metrics ?? NO_COUNTS;
  const door = createDoor({ ...options, limits, counts });
  const presence = new PresenceGateway({ ...options, door, limits, counts });
  const tabs = createTabGateway({ ...options, door, onTabs: (account) => presence.hint(account) });

  return {
    relay(emission) {
      const told = tabs.relay(emission);
      presence.relay(emission);
      return told;
    },
    async shutdown() {
      // Dashboards are few: they go at once, and hear what happens until they do.
      const sent = presence.sendElsewhere(1_000);
      await Promise.all([sent, tabs.shutdown()]);
      await presence.disconnectAll();
      presence.close();
    },
    close() {
      tabs.close();
      presence.close();
    },
  };
}
