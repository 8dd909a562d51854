import { openDurable, openVolatile } from '../support/memory-engine.ts';
import { engineContract } from './engine/contract.ts';

engineContract('the memory engine', openVolatile, { durable: false });
engineContract('the memory engine on its embedded store', openDurable, { durable: true });
