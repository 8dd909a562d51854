import type { RedisTarget } from '../../../redis-url.ts';
import { openCluster } from './cluster-link.ts';
import type { RedisLink } from './redis-link.ts';
import { openSentinel } from './sentinel-link.ts';
import { openSingle } from './single-link.ts';

export type OpenLink = (target: RedisTarget) => Promise<RedisLink>;

/** Connects; rejects where Redis cannot be reached. */
export const openLink: OpenLink = (target) => {
  switch (target.kind) {
    case 'single':
      return openSingle(target);
    case 'cluster':
      return openCluster(target);
    case 'sentinel':
      return openSentinel(target);
  }
};
