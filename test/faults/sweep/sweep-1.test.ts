import { describe, it } from 'vitest';
import { expectNoViolations } from './expect-sweep.js';
import { FLOWS } from './flows.js';

/** Half of the flows; the other half is tried beside it. */
const flows = FLOWS.filter((_, index) => index % 2 === 0);

describe.each(flows)('$name', (flow) => {
  it(
    'keeps every promise and ends alike, whichever call goes wrong',
    () => expectNoViolations(flow),
    600_000,
  );
});
