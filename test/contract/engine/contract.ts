import { admissionContract } from './admission.ts';
import { auditContract } from './audit.ts';
import { auditRetentionContract } from './audit-retention.ts';
import { availabilityContract } from './availability.ts';
import { crowdContract } from './crowd.ts';
import { deliveriesContract } from './deliveries.ts';
import { durabilityContract } from './durability.ts';
import { endsContract } from './ends.ts';
import { gapContract } from './gap.ts';
import type { OpenEngine } from './harness.ts';
import { idsContract } from './ids.ts';
import { lifecycleContract } from './lifecycle.ts';
import { policyContract } from './policy.ts';
import { readingContract } from './reading.ts';
import { recordingsContract } from './recordings.ts';
import { sweepContract } from './sweep.ts';
import { tabsContract } from './tabs.ts';
import { tokensContract } from './tokens.ts';
import { touchContract } from './touch.ts';

/**
 * What every engine must do, by its port alone (server/engine/engine.ts). An engine's own test calls this and adds its
 * extras. `durable`: its store outlives the process, so that `reopen` means something.
 */
export function engineContract(name: string, open: OpenEngine, { durable }: { durable: boolean }): void {
  describe(`${name} as an engine`, () => {
    lifecycleContract(open);
    admissionContract(open);
    tokensContract(open);
    touchContract(open);
    sweepContract(open);
    crowdContract(open);
    gapContract(open);
    policyContract(open);
    availabilityContract(open);
    endsContract(open);
    tabsContract(open);
    readingContract(open);
    auditContract(open);
    auditRetentionContract(open, { durable });
    idsContract(open);
    deliveriesContract(open, { durable });
    recordingsContract(open, { durable });
    if (durable) durabilityContract(open);
  });
}
