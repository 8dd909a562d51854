import fc from 'fast-check';
import * as asking from './asking.ts';
import * as doing from './doing.ts';
import { act, sweep } from './world.ts';

export const histories = fc.array(
  fc.oneof(
    { weight: 160, arbitrary: doing.admit },
    { weight: 100, arbitrary: doing.touch },
    { weight: 80, arbitrary: doing.type },
    { weight: 60, arbitrary: doing.openTab },
    { weight: 60, arbitrary: doing.updateTabs },
    { weight: 80, arbitrary: doing.tabLife },
    { weight: 160, arbitrary: fc.constant(act('sweep', sweep)) },
    { weight: 160, arbitrary: doing.wait },
    { weight: 120, arbitrary: doing.watch },
    { weight: 40, arbitrary: doing.setClock },
    { weight: 40, arbitrary: doing.endSession },
    { weight: 40, arbitrary: doing.signOut },
    { weight: 60, arbitrary: doing.setAvailability },
    { weight: 10, arbitrary: doing.flips },
    { weight: 60, arbitrary: doing.setPolicy },
    { weight: 20, arbitrary: doing.record },
    { weight: 60, arbitrary: asking.follow },
    { weight: 40, arbitrary: asking.readEvents },
    { weight: 60, arbitrary: asking.readAll },
    { weight: 20, arbitrary: asking.preview },
    { weight: 1, arbitrary: doing.crowd },
  ),
  { minLength: 5, maxLength: 36, size: 'max' },
);
